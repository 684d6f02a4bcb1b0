import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Device } from "#compute/device.ts";
import { openBackend } from "#compute/devices.ts";
import { initialWeights } from "#compute/parameters.ts";
import type { OptimizerSpec } from "#train/optimizer.ts";
import { epochBatches } from "#train/batches.ts";
import type { EndedEvent, StepEvent } from "#train/events.ts";
import type { Learner, LearnerState } from "#train/learner.ts";
import { DIVERGED_BEYOND, rangeTest, type RangeTestPlan } from "#train/lr_range.ts";
import type { Artifact, TrainingCheckpoint } from "#train/trainer_state.ts";
import { TINY_MODEL, tinyData } from "../support/tiny.ts";

const DATA = tinyData(50);
const SGD: OptimizerSpec = {
  name: "sgd",
  momentum: 0.9,
  nesterov: false,
  weight_decay: 1e-3,
  clip_norm: null,
};
const ADAM: OptimizerSpec = {
  name: "adam",
  betas: [0.9, 0.999],
  eps: 1e-8,
  weight_decay: 0,
  clip_norm: null,
};

const batches = (seed: number) => (epoch: number) =>
  epochBatches({ seed, count: DATA.train.count, batchSize: 8, augment: ["crop", "flip"] }, epoch);
const context = { now: () => performance.now(), shouldStop: () => false };
const plan = (steps: number, to: number): RangeTestPlan => ({
  rates: Array.from({ length: steps }, (_, i) => 1e-5 * (to / 1e-5) ** (i / (steps - 1))),
  momentum: 0.9,
  batches: batches(3),
  smoothing: 0.9,
});

function learnerOn(device: Device, optimizer: OptimizerSpec): Promise<Learner> {
  const initial = initialWeights(TINY_MODEL, 1);
  return device.createLearner({
    model: TINY_MODEL,
    data: DATA,
    batchSize: 8,
    optimizer,
    initial,
    averages: ["ema"],
  });
}

/** Trains `epochs` epochs at a fixed rate, moving an average along; the losses. */
async function trained(learner: Learner, from: number, epochs: number): Promise<number[]> {
  for (let epoch = from; epoch < from + epochs; epoch++) {
    for (const batch of batches(1)(epoch)) {
      learner.update(batch, { lr: 0.02, momentum: 0.9 });
      learner.average("ema", 0.1);
    }
  }
  return (await learner.losses()).map(({ loss }) => loss);
}

/** SHA-256 over names, shapes and bytes of everything that a learner holds. */
function digest(state: LearnerState): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(state).sort()) {
    const { shape, data } = state[name]!;
    hash.update(`${name} [${shape}]\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

async function all(events: AsyncIterable<StepEvent | EndedEvent | Artifact>) {
  const told = await Array.fromAsync(events);
  const steps = told.filter((event) => event.kind === "step");
  const ended = told.at(-1);
  assert.equal(ended?.kind, "ended");
  return { steps, ended: ended as EndedEvent };
}

for (const backend of ["wasm", "cpu"] as const) {
  for (const optimizer of [SGD, ADAM]) {
    const on = `${backend}, ${optimizer.name}`;

    Deno.test(`${on}: a range test in the middle of training leaves no trace, however it ends`, async () => {
      using device = await openBackend(backend, "");
      using learner = await learnerOn(device, optimizer);
      using other = await learnerOn(device, optimizer);
      await trained(learner, 0, 2);
      await trained(other, 0, 2);
      const before = digest(await learner.save());
      const untouched = async (how: string) => assert.equal(digest(await learner.save()), before, how);

      // 1. To the end of the ramp.
      const whole = await all(rangeTest(learner, plan(40, 0.05), context));
      assert.equal(whole.ended.reason, "budget");
      assert.equal(whole.steps.length, 40);
      await untouched("after a whole ramp");

      // 2. Until it diverges: the weights were far away by then.
      const diverged = await all(rangeTest(learner, plan(200, 1e6), context));
      assert.equal(diverged.ended.reason, "diverged", JSON.stringify(diverged.ended));
      assert.ok(diverged.steps.length < 200);
      await untouched("after divergence");

      // 3. Until it is NaN: rates that no weight survives.
      const broken = await all(rangeTest(learner, { ...plan(40, 1), rates: [1e38, 1e38, 1e38] }, context));
      assert.equal(broken.ended.reason, "diverged");
      await untouched("after NaN");

      // 4. On request, by leaving the loop with steps in the queue, and by an error of the caller's.
      let asked = 0;
      const stop = { ...context, shouldStop: () => asked++ >= 21 };
      const stopped = await all(rangeTest(learner, plan(40, 0.05), stop));
      assert.equal(stopped.ended.reason, "stopped");
      assert.equal(stopped.steps.length, 21);
      await untouched("after a stop");
      for await (const event of rangeTest(learner, plan(40, 0.05), context)) {
        if (event.kind === "step" && event.step === 3) break;
      }
      await untouched("after the loop was left");
      let given = 0;
      const few = {
        ...plan(40, 0.05),
        batches: (epoch: number) => {
          if (given++ > 0) throw new Error("no more");
          return batches(3)(epoch);
        },
      };
      await assert.rejects(all(rangeTest(learner, few, context)), /no more/);
      await untouched("after an error");

      // 5. What comes after is what would have come: the same losses and the same state, bit for bit.
      assert.deepEqual(await trained(learner, 2, 3), await trained(other, 2, 3));
      assert.equal(digest(await learner.save()), digest(await other.save()));
      assert.notEqual(digest(await learner.save()), before);
    });
  }
}

Deno.test("rates and losses are those that the device applied, and the same each time", async () => {
  using device = await openBackend("wasm", "");
  using learner = await learnerOn(device, SGD);
  const asked = plan(30, 0.05);
  const first = await all(rangeTest(learner, asked, context));
  assert.deepEqual(first.steps.map(({ step }) => step), asked.rates.map((_, i) => i));
  first.steps.forEach(({ lr }, i) => assert.ok(Math.abs(lr / asked.rates[i]! - 1) < 1e-6));
  const again = await all(rangeTest(learner, asked, context));
  assert.deepEqual(again.steps, first.steps);

  // The same steps by hand.
  const queue = [...batches(3)(0), ...batches(3)(1), ...batches(3)(2), ...batches(3)(3), ...batches(3)(4)];
  asked.rates.forEach((lr, i) => learner.update(queue[i]!, { lr, momentum: 0.9 }));
  const byHand = (await learner.losses()).map(({ loss }) => Math.fround(loss));
  assert.deepEqual(first.steps.map(({ loss }) => Math.fround(loss)), byHand);
});

Deno.test("a ramp that goes on from its checkpoint gives the same bits, its end by divergence included", async () => {
  using device = await openBackend("wasm", "");
  using learner = await learnerOn(device, SGD);
  const asked = plan(200, 1e6);
  const whole = await all(rangeTest(learner, asked, context));
  assert.equal(whole.ended.reason, "diverged");
  for (const at of [1, 20, whole.steps.length - 1]) {
    let checkpoint: TrainingCheckpoint | null = null;
    const before: StepEvent[] = [];
    for await (
      const one of rangeTest(learner, asked, {
        ...context,
        shouldSave: (step) => step + 1 === at,
      })
    ) {
      if (one.kind === "step") before.push(one);
      if (one.kind === "save" && "checkpoint" in one) {
        checkpoint = one.checkpoint;
        break;
      }
    }
    assert.equal(checkpoint!.step, at);
    assert.equal(before.length, at);
    const after = await all(rangeTest(learner, asked, context, checkpoint));
    assert.deepEqual([...before, ...after.steps], whole.steps, `after ${at} steps`);
    assert.equal(after.ended.detail, whole.ended.detail);
  }
  const foreign = rangeTest(learner, asked, context, {
    step: 1,
    state: await learner.save(),
    feedback: undefined,
    trainer: { averaged: {}, busy_ms: 0 },
    retained: new Map(),
  });
  await assert.rejects(all(foreign), /no learning-rate range test/);
});

Deno.test("it stops at the first step whose smoothed loss is beyond four times the lowest", async () => {
  using device = await openBackend("wasm", "");
  using learner = await learnerOn(device, SGD);
  const { steps, ended } = await all(rangeTest(learner, { ...plan(200, 1e6), smoothing: 0 }, context));
  assert.match(ended.detail!, /beyond 4 times its lowest value at step \d+, rate /);
  const losses = steps.map(({ loss }) => loss);
  const beyond = losses.findIndex((loss, i) =>
    loss > DIVERGED_BEYOND * Math.min(...losses.slice(0, i + 1)) || !Number.isFinite(loss)
  );
  assert.equal(beyond, losses.length - 1);
});

Deno.test("a ramp that cannot be made is refused, and nothing is touched", async () => {
  using device = await openBackend("wasm", "");
  using learner = await learnerOn(device, SGD);
  const before = digest(await learner.save());
  await assert.rejects(all(rangeTest(learner, { ...plan(4, 1), rates: [] }, context)), RangeError);
  await assert.rejects(all(rangeTest(learner, { ...plan(4, 1), smoothing: 1 }, context)), RangeError);
  await assert.rejects(all(rangeTest(learner, { ...plan(4, 1), batches: () => [] }, context)), RangeError);
  assert.equal(digest(await learner.save()), before);
});
