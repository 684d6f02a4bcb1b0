import assert from "node:assert/strict";
import { firstLosses, medianBySteps, probed } from "#study/experiment/first_steps.ts";
import type { RunRecord } from "#results/run.ts";
import type { TrainEvent } from "#train/events.ts";

const events: TrainEvent[] = Array.from({ length: 10 }, (_, step): TrainEvent[] => [
  { kind: "step", step, lr: 0.1, momentum: 0, loss: step === 3 ? NaN : 10 - step },
  ...(step < 6 && step % 2 === 0
    ? [{
      kind: "probe" as const,
      step,
      gradient_norm: step + 1,
      weight_norm: 10,
      update_norm: 0.5,
      second_moment: null,
      step_rms: 1,
      saturated: null,
    }]
    : []),
]).flat();
const record = { plan: {} as never, provenance: {} as never, events } satisfies RunRecord;

Deno.test("what was measured closely, by update; an optimizer without moments has none", () => {
  assert.deepEqual(probed(record, "gradientNorm"), { steps: [0, 2, 4], values: [1, 3, 5] });
  assert.deepEqual(probed(record, "updateToWeight").values, [0.05, 0.05, 0.05]);
  assert.deepEqual(probed(record, "secondMoment"), { steps: [], values: [] });
});

Deno.test("losses are those up to the last close look, without what is not finite", () => {
  assert.deepEqual(firstLosses(record, 0), { steps: [0, 1, 2, 4], values: [10, 9, 8, 6] });
  assert.deepEqual(firstLosses({ ...record, events: events.slice(0, 0) }, 0), { steps: [], values: [] });
});

Deno.test("the median over runs at each step, of the runs that came so far", () => {
  const band = medianBySteps([
    { steps: [0, 1], values: [1, 4] },
    { steps: [0, 1], values: [2, 6] },
    { steps: [0], values: [9] },
  ]);
  assert.deepEqual(band, { steps: [0, 1], median: [2, 5], low: [1, 4], high: [9, 6] });
});
