import assert from "node:assert/strict";
import { join } from "node:path";
import { writeBenchmark } from "#app/benchmark/write.ts";
import type { CommandIo } from "#app/io.ts";
import { inventedBenchmark, inventedScores } from "../../support/benchmark_scores.ts";
import { run } from "../../support/command.ts";

const options = { format: "text", open: false, verbose: false, write: null } as const;

function recording(): { io: CommandIo; out: () => string } {
  let text = "";
  const io: CommandIo = {
    stdout: (more) => void (text += more),
    stderr: () => {},
    readText: Deno.readTextFile,
    writeTextAtomic: Deno.writeTextFile,
    isTerminal: false,
    stderrIsTerminal: false,
    columns: 80,
    env: () => undefined,
  };
  return { io, out: () => text };
}

Deno.test("a benchmark is written with its report and its tables, and read again by report", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [out, write] = [join(folder, "benchmark"), join(folder, "benchmark.md")];
    const { io, out: printed } = recording();
    await writeBenchmark(out, inventedBenchmark(), { ...options, write }, io);
    assert.match(printed(), /Mean rank over 6 settings/);
    const record = await Deno.readFile(join(out, "benchmark.json"));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", record)).toHex();
    assert.ok((await Deno.readTextFile(write)).includes(digest));
    const page = await Deno.readTextFile(join(out, "report.html"));
    assert.match(page, /<h1>Over 6 settings/);
    const again = await run(["report", out]);
    assert.equal(again.code, 0, again.err);
    assert.equal(await Deno.readTextFile(join(out, "report.html")), page);
    const index = await run(["report", "--index", folder]);
    assert.match(index.out, /1 supported, 1 inconclusive/);
    const none = inventedBenchmark({ ...inventedScores(), settings: [] });
    await assert.rejects(
      writeBenchmark(out, none, { ...options, write }, io),
      /Cannot write .*: no setting has finished/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
