import assert from "node:assert/strict";
import type { Model } from "#compute/model.ts";
import { parametersOf } from "#compute/parameters.ts";
import { referenceGradients, referenceInference } from "#compute/reference/model.ts";
import { optimizerUpdate } from "#compute/reference/optimizer.ts";
import { random } from "#lib/prng.ts";
import golden from "./reference_golden.json" with { type: "json" };

/** The network of reference_golden.py. */
const MODEL: Model = {
  name: "golden",
  input: [11, 9, 3],
  classes: 3,
  layers: [
    { kind: "conv", name: "conv1", filters: 5, kernel: 3, stride: 1, padding: "same", bias: true },
    { kind: "relu" },
    { kind: "max_pool", size: 2 },
    { kind: "conv", name: "conv2", filters: 4, kernel: 3, stride: 2, padding: "same", bias: false },
    { kind: "batch_norm", name: "norm" },
    { kind: "relu" },
    { kind: "conv", name: "conv3", filters: 6, kernel: 2, stride: 1, padding: "valid", bias: true },
    { kind: "global_average_pool" },
    { kind: "dense", name: "dense", units: 3 },
  ],
};

type Tensors = Record<string, { shape: number[]; data: Float64Array }>;

const tensors = (plain: Record<string, { shape: number[]; data: number[] }>): Tensors =>
  Object.fromEntries(
    Object.entries(plain).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );

function assertClose(seen: Float64Array, wanted: ArrayLike<number>, what: string, tolerance = 1e-12): void {
  assert.equal(seen.length, wanted.length, what);
  seen.forEach((value, index) =>
    assert.ok(
      Math.abs(value - wanted[index]!) <= tolerance,
      `${what}[${index}]: ${value} against ${wanted[index]}`,
    )
  );
}

Deno.test("two steps of the reference are PyTorch's to 1e-12", () => {
  const images = Float64Array.from(golden.images);
  let state = tensors(golden.initial);
  const velocities: Record<string, Float64Array> = {};
  for (const step of golden.steps) {
    const result = referenceGradients(MODEL, state, images, golden.labels);
    assertClose(Float64Array.of(result.loss), [step.loss], "loss");
    for (const [name, { data }] of Object.entries(step.gradients)) {
      assertClose(result.gradients[name]!, data, `gradient of ${name}`);
    }
    for (const [name, { data }] of Object.entries(step.moving)) {
      assertClose(result.moving[name]!, data, name);
    }
    const names = Object.keys(result.gradients);
    const before = names.map((name) => ({
      weight: state[name]!.data,
      shape: state[name]!.shape,
      hidden: false,
      gradient: result.gradients[name]!,
      slots: { ...(velocities[name] && { momentum: velocities[name] }) },
      lr: golden.options.lr,
      weightDecay: golden.options.weight_decay,
      count: 1,
      set: 0,
    }));
    const { moved } = optimizerUpdate(
      before,
      { name: "sgd", ...golden.options, clip_norm: golden.clip_norm },
      golden.options.momentum,
    );
    const fresh = { ...result.moving };
    moved.forEach(({ weight, slots }, index) => {
      const name = names[index]!;
      assertClose(weight, step.weights[name as keyof typeof step.weights].data, name);
      assertClose(slots.momentum!, step.velocities[name as keyof typeof step.weights].data, name);
      velocities[name] = slots.momentum!;
      fresh[name] = weight;
    });
    state = Object.fromEntries(
      Object.entries(fresh).map(([name, data]) => [name, { shape: state[name]!.shape, data }]),
    );
  }
  const { loss } = referenceInference(MODEL, state, images, golden.labels);
  assertClose(Float64Array.of(loss), [golden.inference_loss], "loss in inference mode");
});

Deno.test("gradients of the reference are its own finite differences", () => {
  const source = random(3, "finite differences");
  const images = Float64Array.from({ length: 4 * 11 * 9 * 3 }, () => source.normal());
  const labels = [0, 1, 2, 1];
  const state = Object.fromEntries(
    parametersOf(MODEL).map(({ name, shape, init }) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const spread = init === "he" ? 0.4 : 0.1;
      const data = Float64Array.from(
        { length: size },
        () => (init === "ones" ? 1 : 0) + spread * source.normal(),
      );
      return [name, { shape, data }];
    }),
  );
  const { gradients } = referenceGradients(MODEL, state, images, labels);
  const step = 1e-6;
  for (const [name, gradient] of Object.entries(gradients)) {
    for (let trial = 0; trial < 4; trial++) {
      const index = source.below(gradient.length);
      const lossAt = (shift: number) => {
        const data = state[name]!.data.slice();
        data[index]! += shift;
        return referenceGradients(MODEL, { ...state, [name]: { ...state[name]!, data } }, images, labels)
          .loss;
      };
      const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
      assertClose(gradient.subarray(index, index + 1), [slope], `${name}[${index}]`, 1e-8);
    }
  }
});

Deno.test("max pool sends a tie's gradient to the first pixel", async () => {
  const { maxPoolGradient } = await import("#compute/layers/max_pool.ts");
  const gradient = maxPoolGradient(Float64Array.of(2, 5, 5, 5), Float64Array.of(1), [1, 2, 2, 1], 2);
  assert.deepEqual([...gradient], [0, 1, 0, 0]);
});
