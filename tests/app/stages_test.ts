import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Summary } from "#results/summary.ts";
import { diskStore } from "#app/storage/disk.ts";
import { planArms } from "#spec/plan.ts";
import { epochsAtEnd } from "#spec/run_plan.ts";
import { parseSpec } from "#spec/parse.ts";
import { inProcess } from "../support/in_process.ts";

/** 96 images: 6 steps an epoch. Both arms are the same training. */
const SPEC = `name: stages
dataset: { name: shapes, train: 96, validation: 40, test: 50, augment: [crop, flip] }
model: cnn-small
optimizer: { name: adamw }
batch_size: 16
duration: 6 epochs
eval_every: 1 epoch
seeds: [1, 2]
arms:
  - name: plain
    schedule: { name: constant, lr: 0.002 }
  - name: pipeline
    stages:
      - { name: one, schedule: { name: constant, lr: 0.002 }, duration: 3 epochs }
      - { name: two, schedule: { name: constant, lr: 0.002 }, duration: 5 epochs }
      - { name: three, schedule: { name: constant, lr: 0.002 } }
`;

Deno.test("a pipeline trains through the lab as one run does, and is compared by its last stage", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [spec, out] = [join(folder, "spec.yaml"), join(folder, "out")];
    await Deno.writeTextFile(spec, SPEC);
    const ran = await inProcess("train", [spec, "--out", out]);
    assert.equal(ran.code, 0, ran.stderr);
    const records = new Map((await diskStore(out).records()).map((record) => [record.plan.id, record]));
    for (const seed of [1, 2]) {
      const told = (id: string, kind: "step" | "eval") =>
        records.get(`${id}-${seed}`)!.events.filter((event) =>
          event.kind === kind && !(event.kind === "eval" && event.split === "test")
        );
      const stages = ["pipeline-one", "pipeline-two", "pipeline"];
      // Steps are counted from the beginning, so that curves join; the same training gives the same bits.
      assert.deepEqual(stages.flatMap((id) => told(id, "step")), told("plain", "step"));
      assert.deepEqual(stages.flatMap((id) => told(id, "eval")), told("plain", "eval"));
      assert.equal(told("pipeline", "step")[0]!.step, 30);
    }

    const summary = JSON.parse(await Deno.readTextFile(join(out, "summary.json"))) as Summary;
    assert.deepEqual(summary.arms.map(({ name, compared }) => [name, compared]), [
      ["plain", undefined],
      ["pipeline: one", false],
      ["pipeline: two", false],
      ["pipeline", undefined],
    ]);
    const [plain, , , pipeline] = summary.arms;
    assert.deepEqual(
      pipeline!.runs.map(({ steps_to_target, final }) => [steps_to_target, final]),
      plain!.runs.map(({ steps_to_target, final }) => [steps_to_target, final]),
      "the target is not looked for in earlier stages",
    );
    assert.ok(plain!.runs.some(({ steps_to_target }) => steps_to_target !== null && steps_to_target < 30));
    for (const { arm, against, metric, difference, family } of summary.comparisons) {
      assert.deepEqual([arm, against, family], ["pipeline", "plain", 1]);
      assert.equal(difference, 0, metric);
    }
    assert.match(
      await Deno.readTextFile(join(out, "report.html")),
      /Other arms continue from “pipeline: one”, “pipeline: two”, which are drawn but not compared/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the pipelines of the guide are specs of equal length, compared with one run", async () => {
  const path = fileURLToPath(new URL("../../exercises/pipelines.yaml", import.meta.url));
  for (const profile of [null, "quick", "standard"]) {
    const spec = parseSpec(await Deno.readTextFile(path), { file: path, profile, overrides: {} }, {
      datasets: ["shapes"],
      models: ["cnn-small"],
    });
    const plans = planArms(spec, spec.dataset.train!, new Map()).filter(({ seed }) => seed === 1);
    assert.deepEqual(plans.map((plan) => [plan.arm, epochsAtEnd(plan)]), [
      ["one stage", 120],
      ["multi-stage: stable", 50],
      ["competition: structure", 60],
      ["multi-stage: warm restarts", 100],
      ["competition: exploration", 100],
      ["multi-stage", 120],
      ["competition", 120],
    ]);
  }
});
