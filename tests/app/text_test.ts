import assert from "node:assert/strict";
import { join } from "node:path";
import { diskStore } from "#app/storage/disk.ts";
import type { RangeTestResult } from "#results/lr_range.ts";
import type { Summary } from "#results/summary.ts";
import type { SweepOutcome } from "#results/sweep.ts";
import { inProcess } from "../support/in_process.ts";

const HEAD = `name: text
dataset: { name: grammar, context: 8, train: 64, validation: 16, test: 10 }
model:
  layers:
    - { kind: embedding, units: 8 }
    - { kind: positional_embedding }
    - kind: residual
      main:
        - { kind: layer_norm }
        - { kind: conv, filters: 24, kernel: 1 }
        - { kind: attention, heads: 2, causal: true }
        - { kind: conv, name: out, filters: 8, kernel: 1 }
    - { kind: conv, name: head, filters: 41, kernel: 1, padding: same }
optimizer: { name: adam }
batch_size: 16
seeds: [1, 2]
`;
const SPEC = `${HEAD}duration: 8 epochs
averages: [{ kind: ema, decay: 0.5 }]
tune: { rates: [0.01, 0.05], seeds: [101] }
arms:
  - { name: slow, schedule: { name: constant, lr: 0.01 } }
  - { name: tuned, schedule: { name: cosine, lr: tuned, T_max: 100% } }
`;

async function inFolder(body: (folder: string, spec: string) => Promise<void>, text = SPEC): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "spec.yaml"), text);
    await body(folder, join(folder, "spec.yaml"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const read = async <T>(path: string): Promise<T> => JSON.parse(await Deno.readTextFile(path));

Deno.test("text is trained, tuned, judged, reported and resumed as images are", () =>
  inFolder(async (folder, spec) => {
    const out = join(folder, "out");
    const ran = await inProcess("train", [spec, "--out", out, "--backend", "wasm", "--format", "json"]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /test perplexity \d+\.\d\d/);

    // 1. Events and records: the figures of text in every evaluation.
    const records = await diskStore(out).records();
    for (const { events } of records) {
      for (const event of events.filter((event) => event.kind === "eval")) {
        assert.ok(Math.abs(Math.log(event.text!.perplexity) - event.loss) < 1e-9);
        assert.ok(Math.abs(event.text!.bits_per_character * Math.LN2 - event.loss) < 1e-9);
      }
    }

    // 2. Selection: the larger rate learns more, and is chosen though its perplexity is the lower one.
    const summary = await read<Summary>(join(out, "summary.json"));
    assert.equal(summary.tuning[0]!.chosen, 0.05);
    assert.ok(summary.dataset.entropy! > 1 && summary.dataset.entropy! < 1.5);
    const compared = new Map(
      summary.comparisons.map((one) => [one.metric, one.difference] as const),
    );
    for (
      const metric of ["test_perplexity", "test_bits_per_character", "training_loss", "test_perplexity:ema"]
    ) {
      assert.ok(compared.get(metric)! < 0, `${metric} of the tuned arm is lower: ${compared.get(metric)}`);
    }
    const { runs } = summary.arms[1]!;
    assert.ok(runs.every(({ text, final }) => Math.log(text!.test_perplexity!) - final.test_loss! < 1e-9));

    // 3. Report.
    const report = await Deno.readTextFile(join(out, "report.html"));
    assert.match(report, /validation perplexity of each arm/);
    assert.match(report, /Floor: the perplexity of the text/);
    assert.match(report, /16 windows/);

    // 4. Resumption, bit for bit.
    const verified = await inProcess("resume", [out, "--verify"]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  }));

Deno.test("a sweep and a range test of text choose by the likelihood of tokens", () =>
  inFolder(async (folder, spec) => {
    const swept = await inProcess("sweep", [
      ...[spec, "--over", "arms[0].schedule.lr=0.0001,0.02", "--seeds", "1,2", "--all"],
      ...["--out", join(folder, "sweep"), "--backend", "wasm"],
    ]);
    assert.equal(swept.code, 0, swept.stderr);
    const sweep = await read<SweepOutcome>(join(folder, "sweep", "sweep.json"));
    assert.equal(sweep.metric, "validation_token_likelihood");
    assert.deepEqual(sweep.best!.values, [0.02]);
    assert.match(
      await Deno.readTextFile(join(folder, "sweep", "report.html")),
      /validation token likelihood/i,
    );

    const tested = await inProcess("range-test", [
      ...[spec, "--steps", "40", "--check-steps", "12", "--out", join(folder, "range"), "--backend", "wasm"],
    ]);
    assert.equal(tested.code, 0, tested.stderr);
    const range = await read<RangeTestResult>(join(folder, "range", "range-test.json"));
    assert.equal(range.validation!.metric, "validation_token_likelihood");
    assert.match(range.validation!.text, /token likelihood|diverged/);
  }, `${HEAD}duration: 3 epochs\narms: [{ name: constant, schedule: { name: constant, lr: 0.001 } }]\n`));

Deno.test("text of one's own is verified and trained on, and what does not fit it is refused", () =>
  inFolder(async (folder, spec) => {
    const text = join(folder, "own");
    await Deno.mkdir(text);
    await Deno.writeTextFile(join(text, "a.txt"), "to be, or not to be, ".repeat(40));
    const verified = await inProcess("data", ["verify", "text", "--path", text]);
    assert.equal(verified.code, 0, verified.stderr);
    assert.match(
      verified.stdout,
      /1 file of 840 bytes, 840 characters; tokens are characters, 8 different ones/,
    );
    const own = SPEC.replace(/dataset: .*/, "dataset: { name: text, path: own, context: 8 }")
      .replace("filters: 41", "filters: 8").replace(/tune: .*/, "").replace("lr: tuned", "lr: 0.01");
    await Deno.writeTextFile(spec, own);
    const ran = await inProcess("train", [spec, "--out", join(folder, "out"), "--backend", "wasm"]);
    assert.equal(ran.code, 0, ran.stderr);

    const refused = async (changed: string, message: RegExp, code = 2) => {
      await Deno.writeTextFile(spec, changed);
      const tried = await inProcess("train", [spec, "--out", join(folder, "no"), "--backend", "wasm"]);
      assert.equal(tried.code, code, tried.stderr);
      assert.match(tried.stderr, message);
    };
    await refused(
      own.replace("name: head, filters: 8", "name: head, filters: 9"),
      /expected conv with 8 filters and an output of \[8,1,8\], a logit for each class in each token/,
    );
    await refused(
      own.replace("filters: 24, kernel: 1", "filters: 24, kernel: 3"),
      /model\.layers\[2\]\.main\[1\]: conv sees the tokens that are to be predicted/,
    );
    await refused(own.replace("causal: true", "causal: false"), /attention sees the tokens/);
    await refused(
      own.replace(/model:[^]*?optimizer/, "model: cnn-tiny\noptimizer"),
      /Cannot train cnn-tiny on text/,
    );
    await refused(
      own.replace("context: 8", "augment: [crop]"),
      /text is text, which cannot be cropped or flipped/,
    );
    await Deno.writeFile(join(text, "b.txt"), Uint8Array.of(0x61, 0xff));
    await refused(own, /b\.txt: it is not UTF-8: byte 0xff begins no character \(line 1, byte 2 of it/, 1);
    const broken = await inProcess("data", ["verify", "text", "--path", text]);
    assert.equal(broken.code, 1);
    assert.match(broken.stderr, /b\.txt is not UTF-8/);
  }));
