import assert from "node:assert/strict";
import { join } from "node:path";
import { joinSettings, placesOf, readBenchmark, trainSettings } from "#app/benchmark/mod.ts";
import type { CommandIo } from "#app/io.ts";
import type { SessionOptions } from "#app/session/options.ts";
import { type Benchmark, benchmarkFile } from "#results/benchmark.ts";
import { type Profile, PROFILES } from "#study/benchmark/workloads.ts";
import { inProcess } from "../../support/in_process.ts";
import { keptWorker } from "../../support/kept_worker.ts";

const invocation = { command: "deno task benchmark", exercise: null, introduction: "", folder: "." };
const options: SessionOptions = {
  invocation,
  dataDir: null,
  backend: "wasm",
  jobs: 1,
  threads: 1,
  out: null,
  resume: false,
  fresh: true,
  earlier: null,
  checkpointS: 30,
  quiet: true,
};

/** Few images and steps, of which runs still end better than guessing. */
const SIZES: Readonly<Record<string, { steps: number; validation: number }>> = {
  cnn: { steps: 32, validation: 80 },
  gpt: { steps: 16, validation: 16 },
};

/** The real workloads of images and text with few images and steps. */
const TINY: Profile = {
  name: "tiny",
  workloads: PROFILES[0]!.workloads.filter(({ name }) => name in SIZES).map((workload) => {
    const { steps, validation } = SIZES[workload.name]!;
    return {
      ...workload,
      dataset: { ...workload.dataset, train: 10 * steps, validation, test: 20 },
      steps,
      rates: workload.rates.slice(1, 3),
    };
  }),
  lengths: [1],
  tuningSeeds: [101],
  seeds: [201, 202],
  families: ["constant", "constant, EMA", "cosine"],
};

function silent(): CommandIo & { readonly said: string[] } {
  const said: string[] = [];
  return {
    said,
    stdout: (text) => void said.push(text),
    stderr: (text) => void said.push(text),
    readText: () => assert.fail("nothing is read"),
    writeTextAtomic: () => assert.fail("nothing is written"),
    isTerminal: false,
    stderrIsTerminal: false,
    columns: 80,
    env: () => undefined,
    spawnWorker: keptWorker,
  };
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const train = (folder: string, minutes: number | null = null, io = silent()) =>
  trainSettings(placesOf(TINY, folder), { options, shard: null, minutes }, io);
const read = (folder: string): Promise<Benchmark> =>
  readBenchmark(placesOf(TINY, folder), { profile: TINY, invocation, dataDir: null });
/** What was measured, without times. */
const figures = ({ scores: { settings, unfinished } }: Benchmark) => ({
  settings: settings.map(({ wall_s: _, ...setting }) => setting),
  unfinished,
});

Deno.test("a benchmark trains each setting once, whether in one go, stopped and called again, or in shards", () =>
  inFolder(async (folder) => {
    // 1. In one go.
    const [whole, stopped, shards] = ["whole", "stopped", "shards"].map((name) => join(folder, name));
    assert.deepEqual(await train(whole!), { stopped: "no", waiting: [], failures: [] });
    const result = await read(whole!);
    benchmarkFile.check(JSON.parse(JSON.stringify(result)), "benchmark.json");
    assert.equal(result.complete, true);
    // The record names what trained its settings, not what reads them.
    const elsewhere = { ...invocation, command: "deno task benchmark --from whole" };
    const readAgain = await readBenchmark(placesOf(TINY, whole!), {
      profile: TINY,
      invocation: elsewhere,
      dataDir: null,
    });
    assert.deepEqual(readAgain.provenance, result.provenance);
    assert.equal(result.provenance.command, invocation.command);
    assert.equal(result.provenance.versions["deno"], Deno.version.deno);
    const [cnn, gpt] = result.scores.settings;
    assert.deepEqual([cnn!.name, gpt!.name], ["cnn-1x", "gpt-1x"]);
    assert.deepEqual([cnn!.metric, cnn!.better, gpt!.metric, gpt!.better], [
      "test_accuracy",
      "higher",
      "test_perplexity",
      "lower",
    ]);
    assert.ok(gpt!.floor! > 1 && gpt!.floor! < gpt!.guessing);
    for (const { families } of result.scores.settings) {
      for (const { family, rates, chosen } of families) {
        // An average is measured at the rate that the last weights chose.
        assert.deepEqual(rates.map(({ validation, test }) => [validation.length, test.length]), [
          [1, 2],
          ...family === "constant, EMA" ? [] : [[1, 2]],
        ]);
        assert.ok(rates.some(({ value }) => value === chosen));
        assert.ok(rates.every(({ test }) => test.every((value) => value !== null)));
      }
    }
    const scored = (name: string) => {
      const { rates, chosen } = gpt!.families.find(({ family }) => family === name)!;
      return rates.find(({ value }) => value === chosen)!;
    };
    const [last, average] = [scored("constant"), scored("constant, EMA")];
    assert.deepEqual(average.validation, last.validation);
    assert.deepEqual([average.test_failed, last.test_failed], [0, 0]);
    assert.notDeepEqual(average.test, last.test);
    // Of two families each, constant and its average against cosine, on two workloads.
    assert.equal(result.answers.length, 4);

    // 2. Called again it trains nothing.
    const again = silent();
    await train(whole!, null, again);
    assert.equal(again.said.filter((text) => text.startsWith("All runs are there")).length, 2);

    // 3. Stopped, then called again.
    assert.equal((await train(stopped!, 1e-4)).stopped, "time");
    const partial = await read(stopped!);
    assert.deepEqual(partial.scores.unfinished.map(({ name, of }) => [name, of]), [["cnn-1x", 14], [
      "gpt-1x",
      14,
    ]]);
    assert.deepEqual(partial.answers, []);
    assert.equal((await train(stopped!)).stopped, "no");
    assert.deepEqual(figures(await read(stopped!)), figures(result));

    // 4. Two shards of one setting, one after the other: the first needs the second's tuning.
    const [one] = placesOf(TINY, shards!);
    const shard = (number: number) =>
      trainSettings(
        [one!],
        { options, shard: { shard: number, of: 2, waitMs: null }, minutes: null },
        silent(),
      );
    assert.deepEqual((await shard(1)).waiting, ["cnn-1x"]);
    assert.deepEqual((await shard(2)).waiting, []);
    assert.deepEqual((await shard(1)).waiting, []);
    await joinSettings([one!], null, silent());
    assert.deepEqual(figures(await read(shards!)).settings, figures(result).settings.slice(0, 1));

    // 5. Settings of several commits are named with all of them.
    const settings = placesOf(TINY, whole!);
    const file = join(settings[1]!.folder, "summary.json");
    const summary = JSON.parse(await Deno.readTextFile(file));
    summary.provenance.commit = "0123abc";
    await Deno.writeTextFile(file, JSON.stringify(summary));
    assert.match((await read(whole!)).provenance.commit!, /^([0-9a-f]{40}, )?0123abc$/);

    // 6. Another benchmark's folder is refused.
    await assert.rejects(
      readBenchmark(placesOf({ ...TINY, seeds: [301, 302] }, whole!), {
        profile: TINY,
        invocation,
        dataDir: null,
      }),
      /it holds another experiment .* Give the --profile and --seeds that it was trained with/,
    );
  }));

Deno.test("a benchmark refuses options that say nothing, by name", async () => {
  const refused = async (...args: string[]) => {
    const { code, stderr } = await inProcess("benchmark", args);
    assert.equal(code, 2, stderr);
    return stderr;
  };
  assert.match(await refused("--profile", "huge"), /Unknown profile "huge": expected quick, standard, full/);
  assert.match(await refused("--wait"), /--wait says nothing without --shard/);
  assert.match(
    await refused("--from", "a", "--shard", "1/2"),
    /--from trains nothing: leave out --shard, --out and --minutes/,
  );
  assert.match(await refused("--minutes", "0"), /Expected minutes above 0/);
  assert.match(await refused("--seeds", "101"), /101/);
});
