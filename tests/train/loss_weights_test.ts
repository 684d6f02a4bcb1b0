import assert from "node:assert/strict";
import { openWasmDevice } from "#compute/wasm/device.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { epochBatches } from "#train/batches.ts";
import { componentsOf } from "#train/loss.ts";
import { train } from "#train/loop.ts";
import type { TrainPlan } from "#train/plan.ts";
import type { Artifact, TrainingCheckpoint } from "#train/trainer_state.ts";
import type { TrainEvent } from "#train/events.ts";
import { EVERY_LOSS, maskOptions, UNET } from "../support/masks.ts";
import { eventsOf, networkOf } from "../support/tiny.ts";

const TOTAL = 14;
const NAMES = componentsOf(EVERY_LOSS).map(({ name }) => name);
/** From Dice to the boundary: cross-entropy goes, Hausdorff comes in the middle of the run. */
const weightsAt = (step: number) => [1, 0.5, 1 - step / TOTAL, step < 7 ? 0 : 0.02 * (step - 6)];

/** A run on two threads; stopped at a step, or from a checkpoint on. */
async function run(
  { stopAt = Infinity, from = null }: { stopAt?: number; from?: TrainingCheckpoint | null } = {},
) {
  const options = maskOptions();
  using device = await openWasmDevice({ threads: 2 });
  using learner = await device.createLearner(options);
  const count = options.data.train.count;
  const plan: TrainPlan = {
    totalSteps: TOTAL,
    stepsPerEpoch: 5,
    schedule: buildSchedule({ name: "constant", lr: 0.02 }, { totalSteps: TOTAL, stepsPerEpoch: 5 }),
    momentum: 0.9,
    lossWeights: { at: weightsAt, feedback: null },
    batches: (epoch) => epochBatches({ seed: 1, count, batchSize: 8, augment: ["crop", "flip"] }, epoch),
    evalEvery: 4,
    readTest: true,
    network: networkOf(UNET),
  };
  let asked = 0;
  const context = { now: () => 0, shouldStop: () => asked++ === stopAt };
  const outputs: (TrainEvent | Artifact)[] = [];
  for await (const output of train(learner, plan, context, from)) outputs.push(output);
  const saved = outputs.find((output) => output.kind === "save" && "checkpoint" in output);
  return {
    events: eventsOf(outputs),
    checkpoint: saved && "checkpoint" in saved ? saved.checkpoint : null,
    state: await learner.save(),
  };
}

Deno.test("weights of losses are those of the plan at each step, and are recorded with each component's loss", async () => {
  const { events } = await run();
  const steps = events.filter((event) => event.kind === "step");
  assert.equal(steps.length, TOTAL);
  steps.forEach(({ loss_components: components, loss }, step) => {
    assert.deepEqual(components!.map(({ name }) => name), NAMES);
    assert.deepEqual(components!.map(({ weight }) => weight), weightsAt(step));
    // A component of weight 0 is not computed.
    assert.deepEqual(
      components!.map((each) => Number.isNaN(each.loss)),
      weightsAt(step).map((weight) => weight === 0),
    );
    const sum = components!.reduce((total, each) => total + (each.weight && each.weight * each.loss), 0);
    assert.ok(Math.abs(sum - loss) < 1e-5 * loss);
  });
});

Deno.test("a run whose weights of losses move goes on bit for bit wherever it was broken off", async () => {
  const whole = await run();
  for (const stopAt of [1, 6, 7, 9]) {
    const first = await run({ stopAt });
    const rest = await run({ from: first.checkpoint });
    const before = first.events.filter(({ kind }) => kind !== "ended");
    assert.deepEqual([...before, ...rest.events], whole.events);
    assert.deepEqual(rest.state, whole.state);
  }
});
