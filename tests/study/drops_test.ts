import assert from "node:assert/strict";
import { dropsOf, dropsOverSeeds, isSmooth, lossesAroundDrop } from "#study/experiment/drops.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import type { TrainEvent } from "#train/events.ts";

const STEPS = 200;

/** Batches of a seed do the same to every run; `loss` and `accuracy` are what the schedule does. */
function record(
  seed: number,
  lr: (step: number) => number,
  loss: (step: number) => number,
  accuracy: (step: number) => number,
  extra: TrainEvent[] = [],
): RunRecord {
  const batch = (step: number) => Math.sin(seed * 100 + step * 7.3);
  const events = Array.from({ length: STEPS }, (_, step): TrainEvent[] => [
    { kind: "step", step, lr: lr(step), momentum: 0.9, loss: 3 + loss(step) + batch(step) },
    ...((step + 1) % 10 === 0
      ? [{
        kind: "eval" as const,
        step: step + 1,
        epoch: 0,
        split: "validation" as const,
        loss: 1,
        accuracy: accuracy(step + 1),
      }]
      : []),
  ]).flat();
  return {
    plan: { seed, batch_size: 4, total_steps: STEPS } as RunPlan,
    provenance: {} as never,
    events: [...events, ...extra],
  };
}
const stepped = (step: number) => step < 100 ? 0.1 : step < 150 ? 0.01 : 0.001;
const cosine = (step: number) => 0.05 * (1 + Math.cos((Math.PI * step) / STEPS));
const SHARP = [1, 2, 3].map((seed) =>
  record(seed, stepped, (step) => step < 100 ? 0 : -0.5, (step) => step <= 100 ? 0.5 : 0.6 + seed / 1000)
);
const SMOOTH = [1, 2, 3].map((seed) =>
  record(seed, cosine, (step) => -step / 400, (step) => 0.4 + step / 1000)
);

Deno.test("drops of step decay are found; the steep end of a cosine, warmups and restarts are none", () => {
  assert.deepEqual(dropsOf(SHARP[0]!).map(({ step }) => step), [100, 150]);
  assert.deepEqual(dropsOf(SMOOTH[0]!), []);
  const flat = () => 0;
  const ramp = record(1, (step) => 0.001 * 2 ** Math.min(step, 8), flat, flat);
  assert.deepEqual(dropsOf(ramp), []);
  assert.deepEqual([SHARP[0]!, SMOOTH[0]!, ramp].map(isSmooth), [false, true, false]);
  const restarted = record(1, cosine, flat, flat, [{ kind: "restart", step: 50, cycle: 1 }]);
  assert.equal(isSmooth(restarted), false);
});

Deno.test("a drop against the smooth arm: on the same batches what the batches do is left out", () => {
  const [first, second] = dropsOverSeeds(SHARP, SMOOTH, 0.001);
  assert.deepEqual([first!.number, first!.jump.step, first!.loss.between.family], [1, 100, 2]);
  // Over windows of ten steps: −0.5 of the drop's own, less −10/400 that the smooth arm falls by the way.
  assert.ok(Math.abs(first!.loss.between.difference! + 0.475) < 1e-9);
  assert.equal(first!.loss.between.verdict, "lower");
  assert.ok(first!.loss.own.spread! > 0.01, "the batches show in what an arm does alone");
  assert.ok(Math.abs(second!.loss.between.difference! - 0.025) < 1e-9);
  // From the evaluation at 100 to that at 110: 0.102 on average, less the smooth arm's 0.01.
  assert.ok(Math.abs(first!.accuracy.between.difference! - 0.092) < 1e-9);
  assert.ok(Math.abs(first!.accuracy.other.difference! - 0.01) < 1e-9);
});

Deno.test("runs of other batches make no pair, and a record without a drop no row", () => {
  const other = SMOOTH.map((one) => ({ ...one, plan: { ...one.plan, batch_size: 8 } }));
  assert.deepEqual(dropsOverSeeds(SHARP, other, 0), []);
  assert.deepEqual(dropsOverSeeds(SMOOTH, SMOOTH, 0), []);
});

Deno.test("the loss around a drop ends where the next drop begins", () => {
  const drops = dropsOf(SHARP[0]!);
  const [curve] = lossesAroundDrop(SHARP.slice(0, 1), drops[0]!, drops);
  assert.deepEqual([curve!.steps[0], curve!.steps.at(-1)], [-20, 49]);
});
