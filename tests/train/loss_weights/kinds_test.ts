import assert from "node:assert/strict";
import { complexityCascade } from "#train/loss_weights/complexity_cascade.ts";
import { dynamicHybrid } from "#train/loss_weights/dynamic_hybrid.ts";
import type { LossWeights } from "#train/loss_weights/loss_weights.ts";
import { progressiveHybrid } from "#train/loss_weights/progressive_hybrid.ts";
import { structureBoundary } from "#train/loss_weights/structure_boundary.ts";

/** 100 epochs of 10 steps. */
const SHAPE = { totalSteps: 1000, stepsPerEpoch: 10 };
const near = (weights: readonly number[], wanted: readonly number[]) =>
  weights.forEach((weight, place) =>
    assert.ok(Math.abs(weight - wanted[place]!) < 1e-12, `${weights} is not ${wanted}`)
  );
const atStep = (weights: LossWeights, step: number) => weights.at(step, null);
const sum = (weights: readonly number[]) => weights.reduce((total, weight) => total + weight, 0);

Deno.test("structure to boundary: one weight falls as the other rises, or they change places at once", () => {
  const keys = { schedule_start_epoch: "10 epochs", boundary_epochs: "50 epochs" };
  const ramp = structureBoundary({ ...keys, transition: "ramp" }, SHAPE);
  for (
    const [step, focal] of [[0, 0], [99, 0], [100, 0], [200, 0.25], [300, 0.5], [500, 1], [5000, 1]] as const
  ) {
    near(atStep(ramp, step), [1 - focal, focal]);
  }
  const hard = structureBoundary({ ...keys, transition: "switch" }, SHAPE);
  near(atStep(hard, 499), [1, 0]);
  near(atStep(hard, 500), [0, 1]);
});

Deno.test("progressive: the stages of the guide, Dice alone, dominant, with focal, with Hausdorff", () => {
  const keys = {
    schedule_start_epoch: "10 epochs",
    structure_epochs: "30 epochs",
    boundary_epochs: "50 epochs",
  };
  const hard = progressiveHybrid({ ...keys, transition: "switch" }, SHAPE);
  for (
    const [step, mix] of [
      [99, [1, 0, 0]],
      [100, [0.8, 0.2, 0]],
      [299, [0.8, 0.2, 0]],
      [300, [0.5, 0.5, 0]],
      [500, [0.4, 0.4, 0.2]],
      [999, [0.4, 0.4, 0.2]],
    ] as const
  ) near(atStep(hard, step), mix);
  const ramp = progressiveHybrid({ ...keys, transition: "ramp" }, SHAPE);
  for (
    const [step, mix] of [
      [100, [1, 0, 0]],
      [200, [0.9, 0.1, 0]],
      [300, [0.8, 0.2, 0]],
      [400, [0.65, 0.35, 0]],
      [500, [0.5, 0.5, 0]],
      [600, [0.45, 0.45, 0.1]],
      [700, [0.4, 0.4, 0.2]],
      [900, [0.4, 0.4, 0.2]],
    ] as const
  ) near(atStep(ramp, step), mix);
});

Deno.test("a stage without length changes at once, also with ramps", () => {
  const keys = { schedule_start_epoch: "0 epochs", structure_epochs: "0 epochs", boundary_epochs: "100%" };
  const ramp = progressiveHybrid({ ...keys, transition: "ramp" }, SHAPE);
  near(atStep(ramp, 0), [0.8, 0.2, 0]);
  near(atStep(ramp, 500), [0.65, 0.35, 0]);
  near(atStep(ramp, 1000), [0.4, 0.4, 0.2]);
});

Deno.test("cascade: components come in one after another, and weights always sum to 1", () => {
  const hard = complexityCascade({ stage_epochs: "25%", transition: "switch" }, 4, SHAPE);
  near(atStep(hard, 249), [1, 0, 0, 0]);
  near(atStep(hard, 250), [1 / 2, 1 / 2, 0, 0]);
  near(atStep(hard, 999), [1 / 4, 1 / 4, 1 / 4, 1 / 4]);
  const ramp = complexityCascade({ stage_epochs: "25%", transition: "ramp" }, 4, SHAPE);
  near(atStep(ramp, 375), [3 / 4, 1 / 4, 0, 0]);
  for (let step = 0; step < 1100; step++) near([sum(atStep(ramp, step))], [1]);
});

Deno.test("dynamic: weight moves only while Dice stands still, down to what the first component keeps", () => {
  const weights = dynamicHybrid({ patience: 2, threshold: 0.01, shift: 0.3, least: 0.2 }, 3);
  let state = weights.feedback!.init();
  const see = (...values: number[]) => {
    for (const value of values) state = weights.feedback!.observe(state, value);
    return weights.at(0, state);
  };
  near(see(0.5, 0.505, 0.6), [1, 0, 0]);
  near(see(0.605), [1, 0, 0]);
  near(see(NaN), [0.7, 0.3, 0]);
  near(see(0.7, 0.7, 0.7), [0.4, 0.3, 0.3]);
  near(see(0.7, 0.7), [0.2, 0.5, 0.3]);
  near(see(0.7, 0.7, 0.7, 0.7), [0.2, 0.5, 0.3]);
  assert.deepEqual(JSON.parse(JSON.stringify(state)), state);
});
