import assert from "node:assert/strict";
import type { Layer, Model } from "#compute/model.ts";
import { buildModel } from "#compute/models.ts";
import { outputShape, parametersOf } from "#compute/parameters.ts";
import { referenceGradients, referenceInference } from "#compute/reference/model.ts";
import { random } from "#lib/prng.ts";
import { ODD_RESIDUAL, RESIDUAL } from "../conformance/support.ts";
import golden from "./residual_golden.json" with { type: "json" };

type Plain = Record<string, { shape: number[]; data: number[] }>;

function wide(plain: Plain): Record<string, { shape: number[]; data: Float64Array }> {
  return Object.fromEntries(
    Object.entries(plain).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
}

function assertClose(seen: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number, what: string) {
  assert.equal(seen.length, wanted.length, what);
  for (let index = 0; index < wanted.length; index++) {
    const error = Math.abs(seen[index]! - wanted[index]!);
    assert.ok(error <= tolerance, `${what}[${index}] is off by ${error}`);
  }
}

Deno.test("logits and gradients of residual blocks are PyTorch's to 1e-12", () => {
  const state = wide(golden.initial);
  const images = Float64Array.from(golden.images);
  const seen = referenceGradients(RESIDUAL, state, images, golden.labels);
  assertClose([seen.loss], [golden.loss], 1e-12, "loss");
  assertClose(seen.logits, golden.logits, 1e-12, "logits");
  assert.deepEqual(Object.keys(seen.gradients).sort(), Object.keys(golden.gradients).sort());
  for (const [name, { data }] of Object.entries(golden.gradients as Plain)) {
    assertClose(seen.gradients[name]!, data, 1e-12, `gradient of ${name}`);
  }
  const { logits } = referenceInference(RESIDUAL, state, images, golden.labels);
  assertClose(logits, golden.inference_logits, 1e-12, "logits in inference mode");
});

Deno.test("gradients of odd residual blocks are finite differences of the loss", () => {
  const source = random(3, "residual differences");
  const images = Float64Array.from({ length: 3 * 9 * 9 * 3 }, () => source.normal());
  const labels = [1, 0, 4];
  const state = Object.fromEntries(
    parametersOf(ODD_RESIDUAL).map(({ name, shape, init }) => {
      const centre = init === "ones" ? 1 : 0;
      const size = shape.reduce((product, length) => product * length, 1);
      return [name, {
        shape,
        data: Float64Array.from({ length: size }, () => centre + 0.2 * source.normal()),
      }];
    }),
  );
  const { gradients } = referenceGradients(ODD_RESIDUAL, state, images, labels);
  const step = 1e-6;
  for (const [name, gradient] of Object.entries(gradients)) {
    const index = source.below(gradient.length);
    const lossAt = (shift: number) => {
      const data = state[name]!.data.slice();
      data[index]! += shift;
      const moved = { ...state, [name]: { ...state[name]!, data } };
      return referenceGradients(ODD_RESIDUAL, moved, images, labels).loss;
    };
    const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
    assertClose([gradient[index]!], [slope], 1e-8, name);
  }
});

Deno.test("resnet-20 has the layers, names and number of parameters of the paper, with projections", () => {
  const model = buildModel("resnet-20", [32, 32, 3], 10);
  const trainable = parametersOf(model).filter((parameter) => parameter.trainable);
  const sizes = trainable.map(({ shape }) => shape.reduce((product, length) => product * length, 1));
  // 269,722 with the shortcuts of option A, which have none; two projections with batch norm besides.
  const projections = (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64);
  assert.equal(sizes.reduce((sum, size) => sum + size, 0), 269_722 + projections);
  const kernels = trainable.filter(({ name }) => name.endsWith("/kernel")).map(({ name }) => name);
  assert.equal(kernels.filter((name) => !name.includes("shortcut")).length, 20);
  assert.deepEqual(kernels.filter((name) => name.startsWith("stage2/block1/")), [
    "stage2/block1/conv1/kernel",
    "stage2/block1/conv2/kernel",
    "stage2/block1/shortcut/conv/kernel",
  ]);
  assert.equal(new Set(trainable.map(({ name }) => name)).size, trainable.length);
  const shapes: (readonly number[])[] = [];
  model.layers.reduce<readonly number[]>((shape, layer) => {
    const next = outputShape(layer, shape);
    if (layer.kind === "residual") shapes.push(next);
    return next;
  }, model.input);
  const stage = (size: number, channels: number) => Array.from({ length: 3 }, () => [size, size, channels]);
  assert.deepEqual(shapes, [...stage(32, 16), ...stage(16, 32), ...stage(8, 64)]);
});

Deno.test("branches that cannot be added are refused by name", () => {
  const pool: Layer = { kind: "max_pool", size: 2 };
  const model: Model = {
    ...RESIDUAL,
    layers: [{ kind: "residual", name: "block1", main: [pool], shortcut: [] }],
  };
  assert.throws(() => parametersOf(model), /Layer block1 cannot add \[8,8,3\] to \[4,4,3\]/);
});
