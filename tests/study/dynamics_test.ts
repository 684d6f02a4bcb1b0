import assert from "node:assert/strict";
import { lossChange, rateJumps, restartEffects } from "#study/experiment/dynamics.ts";
import type { RunRecord } from "#results/run.ts";
import type { TrainEvent } from "#train/events.ts";

function record(
  losses: readonly number[],
  rate: (step: number) => number,
  extra: TrainEvent[] = [],
): RunRecord {
  const events: TrainEvent[] = losses.map((loss, step) => ({
    kind: "step",
    step,
    lr: rate(step),
    momentum: 0.9,
    loss,
  }));
  return {
    plan: { total_steps: losses.length } as never,
    provenance: {} as never,
    events: [...events, ...extra],
  };
}

Deno.test("jumps are where the rate changes at once, not where it glides", () => {
  const rate = (step: number) => step < 10 ? 0.1 : step < 20 ? 0.01 : 0.1;
  assert.deepEqual(rateJumps(record(Array(30).fill(1), rate)), [
    { step: 10, before: 0.1, after: 0.01 },
    { step: 20, before: 0.01, after: 0.1 },
  ]);
  const cosine = (step: number) => 0.05 * (1 + Math.cos((Math.PI * step) / 60));
  assert.deepEqual(rateJumps(record(Array(50).fill(1), cosine)), []);
});

Deno.test("a change of loss leaves out what the batches do to both arms alike", () => {
  const noise = Array.from({ length: 40 }, (_, step) => Math.sin(step * 7.3));
  const base = record(noise.map((value) => 2 + value), () => 0.1);
  const drop = record(noise.map((value, step) => 2 + value - (step >= 20 ? 0.5 : 0)), () => 0.1);
  assert.ok(Math.abs(lossChange(drop, 20, 10, base)! + 0.5) < 1e-12);
  assert.ok(Math.abs(lossChange(base, 20, 10, base)!) < 1e-12);
  assert.equal(lossChange(drop, 5, 10), null);
  assert.equal(lossChange(drop, 35, 10), null);
});

Deno.test("a restart: spike, steps to recover, best accuracy of the cycle that ended", () => {
  const losses = [...Array(20).fill(1), 3, 3, 3, 3, 3, 1, 1, 1, 1, 1, ...Array(10).fill(0.5)];
  const held = (step: number, accuracy: number): TrainEvent => ({
    kind: "eval",
    step,
    epoch: 0,
    split: "validation",
    loss: 1,
    accuracy,
  });
  const effects = restartEffects(
    record(losses, () => 0.1, [
      held(10, 0.4),
      held(20, 0.6),
      { kind: "restart", step: 20, cycle: 1 },
      held(30, 0.9),
    ]),
    5,
  );
  assert.deepEqual(effects, [{
    cycle: 1,
    step: 20,
    spike: 2,
    recovery: 10,
    bestBefore: 0.6,
    bestAfter: 0.9,
  }]);
});
