/** Inputs of every kind that a user may get wrong, or that somebody made to do harm. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { denoIo } from "#app/io.ts";
import { newestFolder, newFolder } from "#app/storage/folder.ts";
import { readStartFiles } from "#app/session/start_files.ts";
import { VOCABULARY } from "#app/studies/study_spec.ts";
import { createProgress } from "#app/terminal/progress.ts";
import { parseSpec } from "#spec/parse.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import { cli, spawn } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";

const SPEC = `name: small
dataset: { name: shapes-16, train: 32, validation: 16, test: 16 }
model: cnn-tiny
batch_size: 8
duration: 4 steps
seeds: [1]
arms:
  - &first { name: a, schedule: { name: constant, lr: 0.1 } }
`;
const parse = (text: string) => parseSpec(text, { file: "x.yaml", profile: null, overrides: {} }, VOCABULARY);

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a decimal comma is recognised, in braces and in lines", () => {
  assert.throws(
    () => parse(SPEC.replace("lr: 0.1", "lr: 0,1")),
    /decimals are written with a point/,
  );
  assert.throws(
    () => parse(SPEC.replace("seeds:", "margin: { accuracy: 0,02 }\nseeds:")),
    /decimals are written with a point/,
  );
});

Deno.test("merge keys of YAML are merged", () => {
  const { arms } = parse(SPEC + "  - { <<: *first, name: b }\n");
  assert.deepEqual(arms.map(({ name, schedule }) => [name, schedule["lr"]]), [["a", 0.1], ["b", 0.1]]);
});

Deno.test("a length beyond reason is refused in words", () => {
  for (const length of ["1e308%", "1e13 steps"]) {
    const schedule = `{ name: cosine, lr: 0.1, T_max: ${length} }`;
    assert.throws(
      () => parse(SPEC.replace("{ name: constant, lr: 0.1 }", schedule)),
      /T_max must be from 0 to 1e12/,
    );
  }
});

Deno.test("seeds that members would share are refused", () => {
  const ensemble = SPEC.replace("name: a,", "name: a, members: 2,");
  assert.throws(
    () => parse(ensemble.replace("[1]", "[1, 100001]")),
    /seeds: seed 100001 is that of two models/,
  );
  assert.doesNotThrow(() => parse(ensemble.replace("[1]", "[1, 2]")));
  assert.doesNotThrow(() => parse(SPEC.replace("[1]", "[1, 100001]")));
});

Deno.test("text that is not UTF-8 is refused by its encoding", () =>
  inFolder(async (folder) => {
    const path = join(folder, "spec.yaml");
    await Deno.writeFile(path, new Uint8Array([0xff, 0xfe, 0x61, 0]));
    await assert.rejects(denoIo().readText(path), /it is UTF-16; save it as UTF-8/);
    await Deno.writeFile(path, new Uint8Array([0x61, 0xe9, 0x62]));
    await assert.rejects(denoIo().readText(path), /it is not UTF-8 text/);
    await Deno.truncate(path, 2 ** 31);
    await assert.rejects(denoIo().readText(path), /has 2147483648 bytes; at most 10000000 are read/);
  }));

Deno.test("a checkpoint is taken from an absolute path as it is, and none that is too large is read", () =>
  inFolder(async (folder) => {
    const path = join(folder, "start.safetensors");
    const spec = parse(SPEC.replace("name: a,", `name: a, from: ${path},`));
    await assert.rejects(
      readStartFiles(spec, "elsewhere"),
      (error: Error) => error.message === `Cannot start from ${path}: there is no such file (${path})`,
    );
    await Deno.writeFile(path, new Uint8Array());
    await Deno.truncate(path, 6 * 2 ** 30);
    const started = performance.now();
    await assert.rejects(readStartFiles(spec, "."), /has 6442450944 bytes; at most 1073741824 are read/);
    assert.ok(performance.now() - started < 20_000);
  }));

Deno.test("control characters of names reach no terminal", () =>
  inFolder(async (folder) => {
    const name = '"\\e[31m\\r\\x9b\\x07red"';
    const spec = join(folder, "spec.yaml");
    await Deno.writeTextFile(
      spec,
      SPEC.replace("name: small", `name: ${name}`).replace("name: a,", `name: ${name},`),
    );
    const { code, stdout, stderr } = await cli("train", [spec, "--out", join(folder, "out")]);
    assert.equal(code, 0, stderr);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    assert.match(stderr, /red, seed 1/);

    const lines: string[] = [];
    const io = { ...denoIo(), stderr: (text: string) => void lines.push(text), stderrIsTerminal: false };
    const progress = await createProgress(io, { runs: 1, steps: 1 }, () => 0);
    const plan: RunPlan = {
      id: "x",
      role: "arm",
      arm: "a\nb",
      seed: 1,
      dataset: { name: "shapes", train: null, validation: null, test: null, augment: [] },
      model: "cnn-small",
      optimizer: { name: "sgd", momentum: 0, nesterov: false, weight_decay: 0, clip_norm: null },
      schedule: { name: "constant", lr: 1 },
      batch_size: 8,
      total_steps: 1,
      steps_per_epoch: 1,
      eval_every: 1,
      read_test: true,
    };
    progress.events(plan, [{ kind: "ended", step: 1, reason: "stopped", detail: null, ms_per_step: null }]);
    assert.match(lines.join(""), /a\ufffdb, seed 1/);
  }));

Deno.test("an empty path is refused where it is read", async () => {
  const { code, stderr } = await inProcess("exercise", ["0", "--out", ""]);
  assert.equal(code, 2);
  assert.match(stderr, /--out <dir>' argument '' is invalid. Expected a path, which is not empty/);
});

Deno.test("starts within one second have folders of their own, and the newest is the last", () =>
  inFolder(async (folder) => {
    const runs = join(folder, "runs");
    const made = await Promise.all(Array.from({ length: 12 }, () => newFolder("mine", runs)));
    assert.equal(new Set(made).size, 12);
    await newFolder("mine too", runs);
    await Deno.writeTextFile(join(runs, "mine-zzz"), "");
    const numberOf = (path: string) => path.replace(/\d+/g, (digits) => digits.padStart(4, "0"));
    const last = made.toSorted((a, b) => numberOf(a) < numberOf(b) ? -1 : 1).at(-1);
    assert.equal(await newestFolder("mine", runs), last);
  }));

Deno.test({
  name: "a terminal that is closed stops a training as Ctrl-C does",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const [spec, out] = [join(folder, "spec.yaml"), join(folder, "out")];
      await Deno.writeTextFile(spec, SPEC.replace("4 steps", "100000 steps"));
      const child = await spawn("train", [spec, "--out", out]);
      const text = child.stderr.pipeThrough(new TextDecoderStream());
      let seen = "";
      let sent = false;
      for await (const part of text) {
        seen += part;
        if (!sent && seen.includes("into ")) {
          sent = true;
          setTimeout(() => child.kill("SIGHUP"), 200);
        }
      }
      await child.stdout.cancel();
      assert.equal((await child.status).code, 130, seen);
      assert.equal(JSON.parse(await Deno.readTextFile(join(out, "summary.json"))).complete, false);
    }),
});

Deno.test("a custom schedule that answers with a BigInt is refused in words", () =>
  inFolder(async (folder) => {
    const spec = join(folder, "spec.yaml");
    await Deno.writeTextFile(spec, SPEC.replace("name: constant, lr: 0.1", "name: custom, module: ./big.ts"));
    await Deno.writeTextFile(join(folder, "big.ts"), "export const schedule = () => 1n;");
    const { code, stderr } = await inProcess("train", [spec, "--out", join(folder, "out")]);
    assert.equal(code, 2);
    assert.match(stderr, /the rate of step 0 from \.\/big\.ts: it must be finite and >= 0; it is 1n/);
  }));
