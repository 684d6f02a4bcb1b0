import assert from "node:assert/strict";
import { entryOf } from "#compute/layers/catalog.ts";
import type { Parameter } from "#compute/layers/entry.ts";
import type { Layer } from "#compute/model.ts";
import { outputShape } from "#compute/parameters.ts";
import type { Build } from "#compute/wasm/build.ts";
import { fuse } from "#compute/wasm/fuse.ts";
import { loadKernels } from "#compute/wasm/kernels.ts";
import { placeScratch } from "#compute/wasm/plan.ts";
import { planLayers, wantedMargins } from "#compute/wasm/plan_layers.ts";
import { Arena, GUARD_BYTES, type Plane } from "#compute/wasm/plane.ts";
import { random } from "#lib/prng.ts";
import { assertBelow, relativeError } from "../support/errors.ts";

type ImageShape = readonly [height: number, width: number, channels: number];

interface Case {
  readonly layer: Layer;
  readonly input: ImageShape;
  readonly batch: number;
  /** Zeros around the gradient of the input, as another layer may want them. */
  readonly margin?: number;
}

const attention = (heads: number, causal: boolean, dropout = 0): Layer => ({
  kind: "attention",
  name: "a",
  heads,
  causal,
  dropout,
});
const dropout = (rate: number): Layer => ({ kind: "dropout", name: "d", rate });
const linear = (filters: number): Layer => ({
  kind: "conv",
  name: "c",
  filters,
  kernel: 1,
  stride: 1,
  padding: "valid",
  bias: true,
});
const embedding = (vocabulary: number, units: number): Layer => ({
  kind: "embedding",
  name: "e",
  vocabulary,
  units,
});
const POSITIONS: Layer = { kind: "positional_embedding", name: "p" };
const LAYER_NORM: Layer = { kind: "layer_norm", name: "n" };
const RMS_NORM: Layer = { kind: "rms_norm", name: "n" };

/** Sizes of real transformers, text and patches. */
const REAL: readonly Case[] = [
  { layer: embedding(256, 128), input: [128, 1, 1], batch: 2 },
  { layer: POSITIONS, input: [128, 1, 128], batch: 2 },
  { layer: LAYER_NORM, input: [128, 1, 128], batch: 2 },
  { layer: RMS_NORM, input: [8, 8, 256], batch: 2 },
  { layer: { kind: "gelu" }, input: [128, 1, 512], batch: 2 },
  { layer: { kind: "relu_squared" }, input: [8, 8, 256], batch: 2 },
  { layer: attention(4, true), input: [128, 1, 384], batch: 2 },
  { layer: attention(4, false), input: [8, 8, 192], batch: 2 },
  { layer: attention(4, true, 0.1), input: [128, 1, 384], batch: 2 },
  { layer: attention(4, false, 0.3), input: [8, 8, 192], batch: 2 },
  { layer: dropout(0.1), input: [128, 1, 384], batch: 2 },
  { layer: linear(192), input: [64, 1, 64], batch: 3 },
  { layer: linear(64), input: [8, 8, 256], batch: 2 },
];

/** Sizes that nothing divides: channels, tokens and head sizes with rests, rows and columns, margins. */
const ODD: readonly Case[] = [
  { layer: embedding(5, 7), input: [9, 2, 1], batch: 3 },
  { layer: POSITIONS, input: [3, 5, 6], batch: 2 },
  { layer: LAYER_NORM, input: [3, 5, 7], batch: 2, margin: 1 },
  { layer: RMS_NORM, input: [11, 1, 3], batch: 3 },
  { layer: LAYER_NORM, input: [1, 1, 13], batch: 3 },
  { layer: { kind: "gelu" }, input: [3, 5, 7], batch: 2, margin: 1 },
  { layer: { kind: "relu_squared" }, input: [3, 5, 7], batch: 2 },
  { layer: linear(9), input: [7, 1, 5], batch: 3 },
  { layer: linear(5), input: [3, 5, 9], batch: 2 },
  ...[1, 2, 5, 6, 7, 8, 10, 16, 17, 23].flatMap((tokens): Case[] => [
    { layer: attention(3, true), input: [tokens, 1, 45], batch: 2 },
    { layer: attention(2, false), input: [tokens, 2, 42], batch: 2, margin: 1 },
    { layer: attention(3, true, 0.5), input: [tokens, 1, 45], batch: 2 },
    { layer: attention(2, false, 0.2), input: [tokens, 2, 42], batch: 2, margin: 1 },
    { layer: dropout(0.4), input: [2, 3, tokens], batch: 3, margin: 1 },
  ]),
];

/** A step late in training, the second part of its batch. */
const MASK = { seed: 5, step: 100_000, first: 7 };

/** Largest error of the output, the gradient of the input and those of the variables, in the layer's own words. */
function errorsOf({ layer, input, batch, margin = 0 }: Case, build: Build): Map<string, number> {
  // 1. The layer by itself, between planes of its own.
  const arena = new Arena();
  const output = outputShape(layer, input) as ImageShape;
  const fused = fuse([layer], input);
  const parameters = entryOf(layer).parameters?.(layer, input) ?? [];
  const size = ({ shape }: Pick<Parameter, "shape">) =>
    shape.reduce((product, length) => product * length, 1);
  const slots = new Map(
    parameters.map((each) => [each.name, {
      value: arena.floats(size(each)),
      gradient: arena.floats(size(each)),
    }]),
  );
  const margins = {
    top: margin,
    left: margin,
    rows: input[0] + 2 * margin,
    columns: input[1] + 2 * margin,
  };
  const ends = {
    input: arena.plane(batch, input, wantedMargins(fused)),
    output: arena.plane(batch, output),
    outGradient: arena.plane(batch, output),
    inGradient: layer.kind === "embedding" ? null : arena.plane(batch, input, margins),
  };
  const room = {
    arena,
    batch,
    scratch: placeScratch(fused, arena),
    dropoutSeed: MASK.seed,
    slot: (name: string) => slots.get(name)!,
  };
  const [stage] = planLayers(fused, room, ends);
  const dropoutMask = arena.allocate(8);
  const memory = arena.createMemory();
  const kernels = loadKernels(memory, build);
  const guards = arena.guards.map((at) => new Uint8Array(memory.buffer, at, GUARD_BYTES).fill(0xa5));

  // 2. Values: tokens for embeddings, and a variable's as they are in the middle of training.
  const source = random("layers", JSON.stringify([layer, input]));
  const values = Float32Array.from(
    { length: batch * size({ shape: input }) },
    () => layer.kind === "embedding" ? source.below(layer.vocabulary) : 2 * source.normal(),
  );
  const outer = Float32Array.from({ length: batch * size({ shape: output }) }, () => source.normal());
  write(memory, ends.input, batch, values);
  write(memory, ends.outGradient, batch, outer);
  const state = new Map(parameters.map((each) => {
    const data = Float32Array.from(
      { length: size(each) },
      () => (each.init === "ones" ? 1 : 0) + 0.3 * source.normal(),
    );
    new Float32Array(memory.buffer, slots.get(each.name)!.value, data.length).set(data);
    return [each.name, data];
  }));

  // 3. Twice: nothing may be left over from the first time.
  new Uint32Array(memory.buffer, dropoutMask, 2).set([MASK.step, MASK.first]);
  const share = { size: batch, total: batch, keep: 0.9, dropoutMask, allReduce: () => {} };
  for (let time = 0; time < 2; time++) {
    for (const each of parameters) {
      new Float32Array(memory.buffer, slots.get(each.name)!.gradient, size(each)).fill(0);
    }
    stage!.forward(kernels, share, true);
    stage!.backward(kernels, share);
  }
  guards.forEach((guard) => assert.ok(guard.every((byte) => byte === 0xa5), "wrote past its end"));

  // 4. Against float64.
  const gradients: Record<string, Float64Array> = {};
  const step = entryOf(layer).apply(layer, Float64Array.from(values), [batch, ...input], {
    mode: "training",
    read: (name) => Float64Array.from(state.get(name)!),
    gradients,
    moving: {},
    keep: 0.9,
    dropoutMask: MASK,
    apply: () => assert.fail("no layers inside"),
  });
  const inner = step.backward(Float64Array.from(outer));
  const errors = new Map([["output", relativeError(read(memory, ends.output, batch), step.output)]]);
  if (ends.inGradient) {
    errors.set("input gradient", relativeError(read(memory, ends.inGradient, batch), inner));
  }
  for (const each of parameters) {
    const seen = new Float32Array(memory.buffer, slots.get(each.name)!.gradient, size(each));
    errors.set(`gradient of ${each.name}`, relativeError(seen, gradients[each.name]!));
  }
  return errors;
}

function pixelsOf(memory: WebAssembly.Memory, plane: Plane, batch: number): Float32Array[] {
  const { at, height, width, channels, pixel, row, image } = plane;
  return Array.from({ length: batch * height * width }, (_, index) => {
    const [x, y, item] = [
      index % width,
      Math.floor(index / width) % height,
      Math.floor(index / (width * height)),
    ];
    return new Float32Array(memory.buffer, at + item * image + y * row + x * pixel, channels);
  });
}

function write(memory: WebAssembly.Memory, plane: Plane, batch: number, values: Float32Array): void {
  pixelsOf(memory, plane, batch).forEach((pixel, index) =>
    pixel.set(values.subarray(index * plane.channels, (index + 1) * plane.channels))
  );
}

function read(memory: WebAssembly.Memory, plane: Plane, batch: number): number[] {
  return pixelsOf(memory, plane, batch).flatMap((pixel) => [...pixel]);
}

for (const build of ["relaxed", "plain"] as const) {
  for (const [sizes, cases, tolerance] of [["real", REAL, 2e-6], ["odd", ODD, 2e-6]] as const) {
    Deno.test(`layers of ${sizes} sizes are float64's, ${build} SIMD`, () => {
      for (const each of cases) {
        const { layer, input, batch } = each;
        for (const [what, error] of errorsOf(each, build)) {
          const shape = `${batch}x${input.join("x")} ${JSON.stringify(layer)}`;
          const name = { device: build === "plain" ? "wasm, plain SIMD" : "wasm", shape };
          assertBelow({ ...name, kernel: `${layer.kind}, ${what}` }, error, tolerance);
        }
      }
    });
  }
}
