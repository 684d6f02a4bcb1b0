import assert from "node:assert/strict";
import { openDevice } from "#compute/devices.ts";
import type { BuiltSchedule } from "#schedules/schedule.ts";
import { epochBatches } from "#train/batches.ts";
import { train } from "#train/loop.ts";
import { scoreOf } from "#train/score.ts";
import { maskOptions, UNET } from "../support/masks.ts";
import { eventsOf, networkOf } from "../support/tiny.ts";

Deno.test("a schedule that watches accuracy is given mean Dice where images have masks", async () => {
  const metrics: number[] = [];
  const schedule: BuiltSchedule = {
    lr: () => 0.05,
    momentum: null,
    cycles: null,
    feedback: {
      metric: "validation_accuracy",
      init: () => null,
      observe: (state, { metric }) => {
        metrics.push(metric);
        return state;
      },
      at: () => 0.05,
    },
  };
  using device = await openDevice("wasm");
  using learner = await device.createLearner(maskOptions());
  const outputs = await Array.fromAsync(train(
    learner,
    {
      totalSteps: 6,
      stepsPerEpoch: 5,
      schedule,
      momentum: 0.9,
      batches: (epoch) => epochBatches({ seed: 1, count: 40, batchSize: 8, augment: [] }, epoch),
      evalEvery: 3,
      readTest: false,
      divergenceLoss: Infinity,
      network: networkOf(UNET),
    },
    { now: () => 0, shouldStop: () => false },
  ));
  const seen = eventsOf(outputs).flatMap((event) => event.kind === "eval" ? event : []);
  assert.deepEqual(metrics, seen.map(({ segmentation }) => segmentation!.dice ?? 0));
  assert.ok(seen.every(({ accuracy }, index) => accuracy !== metrics[index]));
});

Deno.test("the score of text is the likelihood of a token, 0 where the loss is not finite", () => {
  const text = { perplexity: 4, bits_per_character: 2 };
  assert.equal(scoreOf({ accuracy: 0.7, text }), 0.25);
  for (const perplexity of [NaN, Infinity]) {
    assert.equal(scoreOf({ accuracy: 0.7, text: { ...text, perplexity } }), 0);
  }
});

Deno.test("the score of a model is its accuracy, of masks mean Dice, 0 where no class was found", () => {
  const scores = { iou: null, hausdorff_95: null, boundary_f1: null, class_dice: [1, null] };
  assert.equal(scoreOf({ accuracy: 0.7 }), 0.7);
  assert.equal(scoreOf({ accuracy: 0.99, segmentation: { ...scores, dice: 0.4 } }), 0.4);
  assert.equal(scoreOf({ accuracy: 0.99, segmentation: { ...scores, dice: null } }), 0);
});
