import assert from "node:assert/strict";
import type { LearnerOptions } from "#compute/device.ts";
import { buildModel } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { referenceGradients } from "#compute/reference/model.ts";
import { spawnThread } from "#compute/thread.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import { WasmLearner } from "#compute/wasm/learner.ts";
import { createProcessGroupBuffers, ProcessGroup } from "#compute/wasm/process_group.ts";
import { epochBatches } from "#train/batches.ts";
import type { OptimizerSpec } from "#train/optimizer.ts";
import { relativeError } from "../support/errors.ts";
import { LONG } from "../support/long.ts";
import { firstBatch, materialise, noiseData, ODD_MODEL } from "./wasm_support.ts";

const CNN = buildModel("cnn", [12, 12, 3], 10);

function optionsFor(model: typeof CNN, batchSize: number): LearnerOptions {
  return {
    model,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: true, weight_decay: 5e-4, clip_norm: 1 },
    data: noiseData(model.input, model.classes, { train: 3 * batchSize + 1, validation: 21, test: 3 }),
    batchSize,
    initial: initialWeights(model, 6),
  };
}

/** An epoch whose last batch holds one image, then an evaluation and a state. */
async function train(options: LearnerOptions, threads: number) {
  using learner = await WasmLearner.create(options, undefined, threads);
  const plan = {
    seed: 2,
    count: options.data.train.count,
    batchSize: options.batchSize,
    augment: ["flip"] as const,
  };
  for (const batch of epochBatches(plan, 0)) learner.update(batch, { lr: 0.05, momentum: 0.9 });
  const evaluation = await learner.evaluate("validation");
  const state = await learner.save();
  await learner.load(options.initial);
  learner.update(firstBatch(options.data, options.batchSize), { lr: 0.05, momentum: 0.9 });
  return { applied: await learner.losses(), evaluation, state };
}

/** Three threads share a batch of ten unevenly; the larger network takes both in long tests. */
for (const [model, counts] of [[ODD_MODEL, [2, 3]], [CNN, LONG ? [2, 3] : [3]]] as const) {
  Deno.test(`${model.name}: ${counts.join(" and ")} threads train as one does, batch norm over the whole batch`, async () => {
    const options = optionsFor(model, 10);
    const alone = await train(options, 1);
    for (const threads of counts) {
      const shared = await train(options, threads);
      const again = await train(options, threads);
      assert.deepEqual([again.applied, again.evaluation], [shared.applied, shared.evaluation]);
      assert.deepEqual(Object.keys(again.state), Object.keys(shared.state));
      for (const [name, { data }] of Object.entries(again.state)) {
        // Not compared as wholes: a difference of arrays as large as these takes gigabytes to print.
        const at = data.findIndex((value, at) => !Object.is(value, shared.state[name]!.data[at]));
        assert.equal(at, -1, `${name}[${at}]: the same bits, whatever the timing`);
      }
      const losses = (run: typeof alone) => run.applied.map(({ loss }) => loss);
      assert.equal(shared.applied.length, 5);
      assert.ok(
        relativeError(losses(shared), losses(alone)) < 1e-4,
        `${losses(shared)} against ${losses(alone)}`,
      );
      assert.ok(Math.abs(shared.evaluation.loss - alone.evaluation.loss) < 1e-3);
      for (const [name, { data }] of Object.entries(alone.state)) {
        const other = shared.state[name]!.data;
        const difference = data.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0);
        assert.ok(difference < 2e-3, `${name}: ${difference}`);
      }
    }
  });
}

Deno.test("optimizers with sums and matrices train alike on one thread and on several", async () => {
  const common = { weight_decay: 1e-3, clip_norm: 1 };
  const optimizers: (readonly [OptimizerSpec, number])[] = [
    [{ name: "lamb", betas: [0.9, 0.999], eps: 1e-6, always_adapt: false, ...common }, 0.01],
    [
      {
        name: "prodigy",
        betas: [0.9, 0.999],
        eps: 1e-8,
        d0: 1e-3,
        d_coef: 1,
        use_bias_correction: true,
        safeguard_warmup: false,
        ...common,
      },
      1,
    ],
    [
      {
        name: "muon",
        momentum: 0.95,
        nesterov: true,
        adamw_lr_ratio: 0.1,
        betas: [0.9, 0.95],
        eps: 1e-10,
        ...common,
      },
      0.02,
    ],
    [{ name: "schedule_free_sgd", momentum: 0.9, r: 0, weight_lr_power: 2, ...common }, 0.5],
  ];
  for (const [optimizer, lr] of optimizers) {
    const options = { ...optionsFor(ODD_MODEL, 10), optimizer };
    const lossesOn = async (threads: number) => {
      using learner = await WasmLearner.create(options, undefined, threads);
      const batches = epochBatches({ seed: 2, count: 31, batchSize: 10, augment: [] }, 0);
      for (const batch of batches) learner.update(batch, { lr, momentum: 0.9 });
      const state = await learner.save();
      return { losses: (await learner.losses()).map(({ loss }) => loss), state };
    };
    const alone = await lossesOn(1);
    for (const threads of LONG ? [2, 3] : [3]) {
      const shared = await lossesOn(threads);
      assert.ok(relativeError(shared.losses, alone.losses) < 1e-4, `${optimizer.name}: ${shared.losses}`);
      for (const name of Object.keys(alone.state).filter((each) => each.startsWith("optimizer/"))) {
        assert.ok(relativeError(shared.state[name]!.data, alone.state[name]!.data) < 1e-3, name);
      }
    }
  }
});

Deno.test("gradients of a batch shared by two threads are float64's to 4e-6", async () => {
  const options = optionsFor(CNN, 9);
  const batch = firstBatch(options.data, 9);
  const { images, labels } = materialise(options.data, batch);
  const wanted = referenceGradients(CNN, options.initial, images, labels);
  // A rate of 0 and nothing else to move the weights: the momentum buffer is the gradient.
  const plain = { ...options, optimizer: { ...options.optimizer, weight_decay: 0, clip_norm: null } };
  using learner = await WasmLearner.create(plain, undefined, 2);
  learner.update(batch, { lr: 0, momentum: 0.9 });
  const state = await learner.save();
  for (const [name, gradient] of Object.entries(wanted.gradients)) {
    const error = relativeError(state[`${name}/momentum`]!.data, gradient);
    assert.ok(error < 4e-6, `${name}: ${error}`);
  }
});

Deno.test("a replica that fails ends the run with an error, not with a wait", () => {
  const buffers = createProcessGroupBuffers(2, 4, 4);
  const [leader, other] = [new ProcessGroup(buffers, 0), new ProcessGroup(buffers, 1)];
  other.fail();
  assert.throws(() => leader.barrier(1000), /has failed/);
});

Deno.test("a replica that never comes is given up", () => {
  const group = new ProcessGroup(createProcessGroupBuffers(2, 4, 4), 0);
  assert.throws(() => group.barrier(20), /did not answer for 0.02 s/);
});

Deno.test("a thread that is woken late, for the barrier before, goes on waiting", async () => {
  const buffers = createProcessGroupBuffers(2, 4, 4);
  const worker = spawnThread(new URL("./barrier_worker.ts", import.meta.url));
  try {
    let passed = false;
    const over = new Promise<void>((resolve) => {
      worker.onmessage = () => resolve(void (passed = true));
    });
    worker.postMessage(buffers);
    // What a replica does that came last at a barrier, and was put to sleep after it changed the phase.
    const control = new Int32Array(buffers.control);
    while (Atomics.notify(control, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(passed, false, "it left the barrier alone");
    new ProcessGroup(buffers, 0).barrier();
    await over;
  } finally {
    worker.terminate();
  }
});

Deno.test("a number of threads must be whole and positive", () => {
  for (const threads of [0, 1.5, -1, NaN]) assert.throws(() => openWasmDevice({ threads }), RangeError);
});
