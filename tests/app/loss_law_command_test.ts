import assert from "node:assert/strict";
import { join } from "node:path";
import { lossLawFile } from "#results/loss_law.ts";
import { inProcess } from "../support/in_process.ts";

const SPEC = `name: laws
dataset: { name: shapes-16, train: 640, validation: 40, test: 40 }
model: cnn-tiny
batch_size: 16
duration: 2 epochs
seeds: [1, 2, 3]
hessian: { every: 25%, images: 16, products: 2, seeds: 1 }
arms:
  - { name: constant, schedule: { name: constant, lr: 0.02 } }
  - { name: cosine, schedule: { name: cosine, lr: 0.02, T_max: 100% } }
  - { name: step, schedule: { name: step, lr: 0.02, step_size: 50%, gamma: 0.1 } }
  - { name: clipped, optimizer: { name: sgd, clip_norm: 1 }, schedule: { name: constant, lr: 0.02 } }
`;

Deno.test("predict: a law of two arms' curves, the other arm, and a schedule that was not trained", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const [spec, out] = [join(folder, "spec.yaml"), join(folder, "out")];
    await Deno.writeTextFile(spec, SPEC);
    const trained = await inProcess("train", [spec, "--out", out]);
    assert.equal(trained.code, 0, trained.stderr);
    const fit = ["--from", out, "--fit", "constant", "--fit", "cosine", "--law", "momentum"];

    await t.step("as data", async () => {
      const asked = "{ name: linear, lr: 0.02, duration: 100% }";
      const ended = await inProcess("predict", [...fit, "--schedule", asked, "--format", "json"]);
      assert.equal(ended.code, 0, ended.stderr);
      const { curves, notes, ...result } = lossLawFile.read(ended.stdout, "stdout");
      assert.deepEqual([result.law, result.fitted, result.epochs], ["momentum", ["constant", "cosine"], 2]);
      assert.deepEqual(notes, ["clipped is left out: it differs in more than its schedule"]);
      assert.deepEqual(curves.map(({ name, fitted, recorded }) => [name, fitted, recorded?.seeds.length]), [
        ["constant", true, 3],
        ["cosine", true, 3],
        ["step", false, 3],
        ["linear 0.02 → 0 over 100%", false, undefined],
      ]);
      for (const { predicted, low, high, steps } of curves) {
        assert.ok(predicted.every((loss, at) => low[at]! < loss && loss < high[at]!));
        assert.ok(steps.at(-1)! >= 78);
      }
      const { predicted, scores, recorded } = curves[2]!;
      assert.ok(Math.abs(scores!.end_error - (predicted.at(-1)! / recorded!.losses.at(-1)! - 1)) < 1e-12);
      // A law that was fitted does not miss what it was fitted to by far.
      assert.ok(curves[0]!.scores!.mean_error < 0.1, JSON.stringify(curves[0]!.scores));
    });

    await t.step("as text and page, with the warning that data were seen again", async () => {
      const page = join(folder, "law.html");
      const ended = await inProcess("predict", [
        ...fit,
        "--schedule",
        `${spec}#step`,
        "--out",
        page,
        "--verbose",
      ]);
      assert.equal(ended.code, 0, ended.stderr);
      assert.match(ended.stdout, /step: training loss [\d.]+ nats at the end \[/);
      assert.match(ended.stdout.replaceAll("\n", " "), /data were seen 2 times/);
      assert.match(await Deno.readTextFile(page), /R² of the curve/);
    });

    await t.step("another peak rate than that of the fit is named", async () => {
      const ended = await inProcess("predict", [
        ...fit,
        "--schedule",
        "{ name: constant, lr: 0.1 }",
        "--verbose",
      ]);
      assert.match(
        ended.stdout.replaceAll("\n", " "),
        /hold for one peak rate. The fitted arms have 0.02; constant 0.1 has 0.1/,
      );
    });

    await t.step("what cannot be predicted is refused", async () => {
      const refusal = async (...args: string[]) => {
        const { code, stderr } = await inProcess("predict", ["--from", out, ...args]);
        assert.equal(code, 2, stderr);
        return stderr;
      };
      assert.match(await refusal(), /Nothing is left to predict/);
      assert.match(await refusal("--fit", "constant"), /to 1 of the 3 curves .* at least 2 arms/);
      assert.match(await refusal("--fit", "cosin"), /no arm "cosin"; did you mean "cosine"/);
      assert.match(await refusal("--fit", "clipped"), /to clipped: it differs in more than its schedule/);
      assert.match(await refusal("--schedule", "{ name: plateau, lr: 0.1 }"), /rates depend on validation/);
      assert.match(await refusal("--schedule", "{ name: constant, lr: 0 }"), /no rate above 0|lr/);
    });

    await t.step("the report shows the measured Hessian, of the first seed", async () => {
      const events = async (run: string) =>
        (await Deno.readTextFile(join(out, "runs", run, "events.jsonl"))).split("\n").filter((line) =>
          line.includes('"kind":"hessian"')
        ).map((line) => JSON.parse(line));
      assert.deepEqual((await events("constant-1")).map(({ step }) => step), [0, 20, 40, 60]);
      assert.deepEqual((await events("constant-1")).map(({ limit }) => limit), [190, 190, 190, 190]);
      assert.deepEqual(await events("constant-2"), []);
      const page = await Deno.readTextFile(join(out, "report.html"));
      assert.match(page, /Sharpness against the rate/);
      assert.match(page, /Largest eigenvalue over the stability limit/);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
