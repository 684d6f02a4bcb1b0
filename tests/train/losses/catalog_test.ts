import assert from "node:assert/strict";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { largestLoss } from "#train/losses/catalog.ts";
import { DIVERGENCE_LOSS } from "#train/step_event.ts";
import type { LossSpec } from "#train/loss.ts";

const sum = (weight: number | ScheduleSpec): LossSpec => ({
  name: "sum",
  components: [
    { name: "cross_entropy", label_smoothing: 0, weight },
    { name: "dice", smoothing: 1, include_background: false, weight: 2 },
  ],
});

Deno.test("a large weight is no divergence: the bound grows with the weights, and ends where they move", () => {
  assert.equal(largestLoss({ name: "focal", gamma: 2 }), DIVERGENCE_LOSS);
  assert.equal(largestLoss(sum(98)), 100 * DIVERGENCE_LOSS);
  assert.equal(largestLoss(sum({ name: "constant", lr: 100 })), Infinity);
  assert.equal(largestLoss({ name: "hausdorff", alpha: 2 }), Infinity);
  const adaptive = { name: "adaptive_complexity_cascade", stage_epochs: "25%", transition: "ramp" } as const;
  const components = [{ name: "cross_entropy", label_smoothing: 0 }, { name: "focal", gamma: 2 }] as const;
  assert.equal(largestLoss({ ...adaptive, order: "in_time", components }), DIVERGENCE_LOSS);
});
