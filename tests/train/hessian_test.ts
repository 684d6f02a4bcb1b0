import assert from "node:assert/strict";
import { openDevice } from "#compute/devices.ts";
import type { Backend, LearnerOptions } from "#compute/device.ts";
import type { Model } from "#compute/model.ts";
import { buildModel } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { referenceGradients, referenceInference, type ReferenceState } from "#compute/reference/model.ts";
import { epochBatches } from "#train/batches.ts";
import { type HessianPlan, measureHessian } from "#train/hessian.ts";
import type { Batch, LearnerState } from "#train/learner.ts";
import { optimizerUpdate } from "#compute/reference/optimizer.ts";
import { entryOf, momentumOf, type OptimizerSpec } from "#train/optimizer.ts";
import { inputsOf } from "../conformance/reference_run.ts";
import { syntheticData } from "../conformance/support.ts";
import { requires } from "../support/requires.ts";
import { eigenvalues } from "../support/symmetric.ts";
import { networkOf, TINY_MODEL, TINY_NORM_MODEL, tinyData } from "../support/tiny.ts";

const SGD: OptimizerSpec = { name: "sgd", momentum: 0.9, nesterov: false, weight_decay: 0, clip_norm: null };
const ADAM: OptimizerSpec = {
  name: "adam",
  betas: [0.9, 0.999],
  eps: 1e-8,
  weight_decay: 0,
  clip_norm: null,
};

/** Softmax regression on the mean of each channel: its Hessian has a closed form. */
const REGRESSION: Model = {
  name: "regression",
  input: [4, 4, 1],
  classes: 2,
  layers: [{ kind: "global_average_pool" }, { kind: "dense", name: "dense", units: 2 }],
};

function optionsOf(model: Model, optimizer: OptimizerSpec, batchSize = 24): LearnerOptions {
  return { model, optimizer, data: tinyData(), batchSize, initial: initialWeights(model, 1) };
}

function planOf(model: Model, optimizer: OptimizerSpec): HessianPlan {
  const [batch] = epochBatches({ seed: 3, count: 50, batchSize: 24, augment: [] }, 0);
  const { trainable } = networkOf(model);
  return { steps: 1, every: 1, batch: batch!, products: 20, seed: 1, optimizer, trainable };
}

/** Every element of the Hessian, by central differences of float64 gradients. */
function exactHessian({ model, data }: LearnerOptions, state: LearnerState, batch: Batch): Float64Array[] {
  const { images, labels } = inputsOf(data, batch);
  const { trainable } = networkOf(model);
  const wide = Object.fromEntries(
    Object.entries(state).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
  const gradient = (at: ReferenceState) => {
    const { gradients } = referenceGradients(model, at, images, labels);
    return Float64Array.from(trainable.flatMap((name) => [...gradients[name]!]));
  };
  // Below the distance of any kink of a ReLU.
  const step = 1e-7;
  const rows = trainable.flatMap((name) =>
    Array.from(wide[name]!.data, (_, index) => {
      const moved = (distance: number) => {
        const data = wide[name]!.data.slice();
        data[index]! += distance;
        return gradient({ ...wide, [name]: { ...wide[name]!, data } });
      };
      const [ahead, behind] = [moved(step), moved(-step)];
      return ahead.map((value, at) => (value - behind[at]!) / (2 * step));
    })
  );
  return rows.map((row, at) => row.map((value, column) => (value + rows[column]![at]!) / 2));
}

const NEXT = { step: 7, lr: 0.1, momentum: 0.9 };

/** Without kinks the error is that of 32 bits, of higher derivatives, and of the products that are not taken. */
const SMOOTH: Model = {
  ...TINY_NORM_MODEL,
  name: "smooth",
  layers: TINY_NORM_MODEL.layers.filter(({ kind }) => kind !== "relu"),
};

interface Case {
  readonly model: Model;
  readonly optimizer: OptimizerSpec;
  /** Largest distance from the exact eigenvalue, as a share of it. */
  readonly tolerance: number;
}

const CASES: readonly Case[] = [
  // Measured: 3e-5, 1.1e-3, 1.1e-3, 1.2e-3, 1.0e-3.
  { model: REGRESSION, optimizer: SGD, tolerance: 2e-4 },
  { model: SMOOTH, optimizer: SGD, tolerance: 4e-3 },
  { model: SMOOTH, optimizer: ADAM, tolerance: 4e-3 },
  { model: TINY_MODEL, optimizer: SGD, tolerance: 4e-3 },
  { model: TINY_NORM_MODEL, optimizer: SGD, tolerance: 4e-3 },
];

/** A state after some steps, and the eigenvalue of its exact Hessian; by the case, as it takes seconds. */
const known = new Map<Case, { state: LearnerState; wanted: number }>();
async function exactOf(entry: Case) {
  const { model, optimizer } = entry;
  const found = known.get(entry);
  if (found) return found;
  const options = optionsOf(model, optimizer);
  using device = await openDevice("cpu");
  using learner = await device.createLearner(options);
  for (const epoch of [0, 1, 2]) {
    for (const batch of epochBatches({ seed: 1, count: 50, batchSize: 24, augment: [] }, epoch)) {
      learner.update(batch, { lr: optimizer === ADAM ? 0.003 : 0.03, momentum: 0.9 });
    }
  }
  const state = await learner.save();
  const plan = planOf(model, optimizer);
  const [wanted] = eigenvalues(preconditioned(exactHessian(options, state, plan.batch), state, plan));
  known.set(entry, { state, wanted: wanted! });
  return { state, wanted: wanted! };
}

for (const backend of ["cpu", "wasm", "webgpu"] as const satisfies readonly Backend[]) {
  const machine = await requires(...(backend === "webgpu" ? ["vulkan" as const] : []));
  Deno.test(`${backend}: the largest eigenvalue is that of the exact Hessian`, machine, async (t) => {
    using device = await openDevice(backend);
    for (const entry of CASES) {
      const { model, optimizer, tolerance } = entry;
      await t.step(`${model.name}, ${optimizer.name}`, async () => {
        const { state, wanted } = await exactOf(entry);
        using learner = await device.createLearner(optionsOf(model, optimizer));
        await learner.load(state);
        const event = await measureHessian(learner, planOf(model, optimizer), NEXT);
        assert.deepEqual(await learner.save(), state);
        const error = Math.abs(event!.eigenvalue / wanted - 1);
        assert.ok(error < tolerance, `${event!.eigenvalue}, expected ${wanted}`);
        assert.equal(event!.preconditioned, optimizer === ADAM);
      });
    }
  });
}

/** P^(−1/2) H P^(−1/2) */
function preconditioned(
  matrix: readonly Float64Array[],
  state: LearnerState,
  { trainable, optimizer }: HessianPlan,
): Float64Array[] {
  const { divisor } = entryOf(optimizer).stability!;
  const scales = trainable.flatMap((name) =>
    Array.from(
      state[divisor ? `${name}/second_moment` : name]!.data,
      (value) =>
        divisor ? 1 / Math.sqrt(divisor(optimizer, 0.9, state["optimizer/steps"]!.data[0]!, value)) : 1,
    )
  );
  return matrix.map((row, at) => row.map((value, column) => value * scales[at]! * scales[column]!));
}

Deno.test("the exact Hessian of softmax regression is that of its closed form", async () => {
  const options = optionsOf(REGRESSION, SGD);
  const { batch } = planOf(REGRESSION, SGD);
  const { images, labels } = inputsOf(options.data, batch);
  const { logits } = referenceInference(REGRESSION, options.initial, images, labels);
  // The weights are w₀, w₁, b₀, b₁: (1/n) Σ p₀p₁ · [[1, −1], [−1, 1]] ⊗ [x, 1][x, 1]ᵀ.
  const closed = Array.from({ length: 4 }, () => new Float64Array(4));
  labels.forEach((_, image) => {
    const x = images.subarray(16 * image, 16 * image + 16).reduce((sum, pixel) => sum + pixel / 16, 0);
    const p = 1 / (1 + Math.exp(logits[2 * image + 1]! - logits[2 * image]!));
    for (let row = 0; row < 4; row++) {
      for (let column = 0; column < 4; column++) {
        const sign = row % 2 === column % 2 ? 1 : -1;
        closed[row]![column]! += sign * p * (1 - p) * (row < 2 ? x : 1) * (column < 2 ? x : 1) /
          labels.length;
      }
    }
  });
  const [wanted] = eigenvalues(closed);
  assert.ok(Math.abs(eigenvalues(exactHessian(options, options.initial, batch))[0]! / wanted! - 1) < 1e-6);
  using device = await openDevice("wasm");
  using learner = await device.createLearner(options);
  const event = await measureHessian(learner, planOf(REGRESSION, SGD), NEXT);
  assert.ok(Math.abs(event!.eigenvalue / wanted! - 1) < 2e-4);
});

Deno.test("a network of real size: the eigenvalue has converged to 2 % where the measurement ends", async () => {
  const data = syntheticData(64, 16);
  const model = buildModel("cnn-small", data.shape, data.classes.length);
  const [batch] = epochBatches({ seed: 1, count: 64, batchSize: 64, augment: [] }, 0);
  const plan = { ...planOf(model, SGD), batch: batch! };
  using device = await openDevice("wasm");
  using learner = await device.createLearner({ ...optionsOf(model, SGD, 16), data });
  for (let step = 0; step < 20; step++) {
    for (const each of epochBatches({ seed: 1, count: 64, batchSize: 16, augment: [] }, step)) {
      learner.update(each, { lr: 0.05, momentum: 0.9 });
    }
  }
  const found = await measureHessian(learner, plan, NEXT);
  const whole = await measureHessian(learner, { ...plan, products: 60, tolerance: 1e-4 }, NEXT);
  assert.ok(found!.residual <= 0.05 * found!.eigenvalue, JSON.stringify(found));
  assert.ok(Math.abs(found!.eigenvalue / whole!.eigenvalue - 1) < 0.02, JSON.stringify([found, whole]));
  assert.ok(found!.products <= 20 && whole!.products > found!.products, JSON.stringify([found, whole]));
  // Another first vector finds the same.
  const other = await measureHessian(learner, { ...plan, seed: 2 }, NEXT);
  assert.ok(Math.abs(other!.eigenvalue / whole!.eigenvalue - 1) < 0.02, JSON.stringify([other, whole]));
});

Deno.test("an optimizer that divides by averages is measured once it has some", async () => {
  using device = await openDevice("wasm");
  using learner = await device.createLearner(optionsOf(TINY_MODEL, ADAM));
  assert.equal(await measureHessian(learner, planOf(TINY_MODEL, ADAM), NEXT), null);
});

Deno.test("steps diverge on a quadratic just above the stability limit, and not just below it", () => {
  const optimizers: OptimizerSpec[] = [
    SGD,
    { ...SGD, momentum: 0 },
    { ...SGD, nesterov: true },
    { name: "rmsprop", alpha: 0.999999, eps: 1e-8, momentum: 0.9, weight_decay: 0, clip_norm: null },
    { ...ADAM, betas: [0.9, 0.999999] },
  ] as OptimizerSpec[];
  const curvature = 3;
  for (const optimizer of optimizers) {
    const { stability, slots: names, secondMoment } = entryOf(optimizer);
    const momentum = momentumOf(optimizer);
    // So late that averages are without bias, and hardly move: the divisor is 2.
    const count = 1e9;
    const divisor = stability!.divisor?.(optimizer, momentum, count, 4) ?? 1;
    assert.ok(Math.abs(divisor - (stability!.divisor ? 2 : 1)) < 1e-6);
    for (const share of [0.98, 1.02]) {
      const lr = share * stability!.limit(optimizer, momentum) * divisor / curvature;
      let weight = Float64Array.of(1e-9);
      let slots: Readonly<Record<string, Float64Array>> = Object.fromEntries(
        names.map((slot) => [slot, Float64Array.of(slot === secondMoment?.slot ? 4 : 0)]),
      );
      for (let each = 0; each < 80; each++) {
        const gradient = weight.map((value) => curvature * value);
        const one = { weight, gradient, slots, count, lr, shape: [1], hidden: false, weightDecay: 0, set: 0 };
        const [moved] = optimizerUpdate([one], optimizer, momentum).moved;
        weight = Float64Array.from(moved!.weight);
        slots = moved!.slots;
      }
      const what = `${optimizer.name}, ${momentum}, ${share}: ${weight[0]}`;
      assert.ok(share < 1 ? Math.abs(weight[0]!) < 1e-9 : Math.abs(weight[0]!) > 5e-9, what);
    }
  }
});

Deno.test("the Hessian is that of the loss as the next step weighs its components", async () => {
  const seen: unknown[] = [];
  const options = optionsOf(REGRESSION, SGD);
  using device = await openDevice("cpu");
  using learner = await device.createLearner(options);
  const watched: Parameters<typeof measureHessian>[0] = {
    save: () => learner.save(),
    load: (state) => learner.load(state),
    gradients: (batch, lossWeights) => {
      seen.push(lossWeights);
      return learner.gradients(batch);
    },
  };
  const next = { step: 3, lr: 0.1, momentum: 0.9, lossWeights: [0.2, 0.8] };
  await measureHessian(watched, planOf(REGRESSION, SGD), next);
  assert.ok(seen.length > 0);
  for (const weights of seen) assert.deepEqual(weights, next.lossWeights);
});
