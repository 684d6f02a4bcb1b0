import assert from "node:assert/strict";
import {
  cycleNames,
  memberNames,
  predictionsOf,
  type PredictionTensor,
  seedOf,
} from "#study/experiment/predictions.ts";
import { readPredictions } from "#app/storage/read_predictions.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { writeSafetensors } from "#lib/safetensors.ts";

const tensor: PredictionTensor = { shape: [2, 3], data: new Float32Array(6) };
const both = (...names: string[]) =>
  predictionsOf(names.flatMap((name) => [[`${name}/validation`, tensor], [`${name}/test`, tensor]] as const));

Deno.test("models by name; members are the snapshots in order of their cycles, else the final weights", () => {
  const kept = both("final", "snapshot/10", "snapshot/2", "ema");
  assert.deepEqual(memberNames(kept), ["snapshot/2", "snapshot/10"]);
  assert.deepEqual(memberNames(both("final", "ema")), ["final"]);
  assert.equal(kept.get("snapshot/10")!.test.classes, 3);
});

Deno.test("cycle averages are found by the name that the plan gives them", () => {
  const average = { kind: "cycle", name: "half", from: 0.5, every: 1 } as const;
  const plan = { seed: 4, averages: [average] } as unknown as RunPlan;
  assert.deepEqual(cycleNames(plan, both("final", "half/1", "half/0", "cycle/0")), ["half/0", "half/1"]);
  assert.equal(seedOf(plan), 4);
  assert.equal(seedOf({ ...plan, member: { of: 1, index: 2 } }), 1);
});

Deno.test("a file of other tensors is refused with what is wrong", () => {
  assert.throws(() => predictionsOf([["weights", tensor]]), /weights: it is named neither/);
  assert.throws(() => predictionsOf([["final/test", tensor]]), /final: a split is missing/);
  assert.throws(
    () => predictionsOf([["final/test", { ...tensor, shape: [6] }]]),
    /expected \[images, classes\]/,
  );
});

Deno.test("files of runs that were asked for predictions are read; a damaged one is refused by the run's name", async () => {
  const shape = [2, 3];
  const data = new Float32Array([1, 2, 3, 4, 5, 6]);
  const whole = writeSafetensors({ "final/validation": { shape, data }, "final/test": { shape, data } });
  const [asked, other] = [true, false].map((predictions, index) => ({
    plan: { id: `a-${index}`, predictions } as RunPlan,
  })) as unknown as [RunRecord, RunRecord];
  const read = (bytes: Uint8Array | null) => readPredictions([asked, other], () => Promise.resolve(bytes));
  const found = await read(whole);
  assert.deepEqual([...found.keys()], [asked.plan]);
  assert.deepEqual(found.get(asked.plan)!.get("final")!.test.values, data);
  assert.equal((await read(null)).size, 0);
  await assert.rejects(read(whole.slice(0, -1)), /predictions\.safetensors of run a-0: /);
});
