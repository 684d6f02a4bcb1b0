import assert from "node:assert/strict";
import { entryOf, type Layer } from "#compute/layers/catalog.ts";
import { LAYER_NORM_EPSILON } from "#compute/layers/layer_norm.ts";
import type { ReferencePass } from "#compute/layers/entry.ts";
import { HARDWARE, SOFTWARE } from "#compute/webgpu/kernel.ts";
import * as activation from "#compute/webgpu/kernels/activation.ts";
import * as attention from "#compute/webgpu/kernels/attention.ts";
import * as embedding from "#compute/webgpu/kernels/embedding.ts";
import { joinGradients } from "#compute/webgpu/kernels/batch_norm.ts";
import { columnSums, sumParts } from "#compute/webgpu/kernels/sums.ts";
import * as norm from "#compute/webgpu/kernels/token_norm.ts";
import { assertClose } from "../support/errors.ts";
import { requires } from "../support/requires.ts";
import { normals, runNamed as run, sharedGpu } from "./webgpu_support.ts";

/** 32-bit rounding of sums of up to some thousand terms. */
const TOLERANCE = 5e-6;

const vulkan = await requires("vulkan");

/** A layer's own float64: its output, and the gradients for its input and variables. */
function truthOf(
  layer: Layer,
  x: Float32Array,
  shape: readonly number[],
  variables: Record<string, Float32Array>,
  dy: Float32Array,
) {
  const gradients: Record<string, Float64Array> = {};
  const pass: ReferencePass = {
    mode: "training",
    read: (name) => Float64Array.from(variables[name]!),
    gradients,
    moving: {},
    keep: 0,
    apply: () => assert.fail("no layer here holds others"),
  };
  const { output, backward } = entryOf(layer).apply(layer, Float64Array.from(x), shape, pass);
  return { output, input: backward(Float64Array.from(dy)), gradients };
}

const as = (kernel: string, shape: string) => ({ device: "webgpu", kernel, shape });
const positive = (value: number, x: number) => x > 0 ? value : 0;

/** GPT-2's heads at a context of 128, one of a tile and a bit, one that no vector fits, and one that sees everything. */
const ATTENTION: readonly attention.AttentionShape[] = [
  { batch: 1, tokens: 128, units: 768, heads: 12, causal: true },
  { batch: 2, tokens: 36, units: 24, heads: 1, causal: true },
  { batch: 2, tokens: 7, units: 15, heads: 3, causal: true },
  { batch: 3, tokens: 64, units: 48, heads: 4, causal: false },
];

Deno.test("WGSL attention agrees with float64", vulkan, async () => {
  const gpu = await sharedGpu();
  for (const shape of ATTENTION) {
    const { batch, tokens, units, heads, causal } = shape;
    const [qkv, dy] = [normals(batch * tokens * 3 * units, "qkv"), normals(batch * tokens * units, "dy")];
    const layer = { kind: "attention", name: "attention1", heads, causal } as const;
    const truth = truthOf(layer, qkv, [batch, tokens, 1, 3 * units], {}, dy);
    const squares = batch * heads * tokens * tokens;
    // A ReLU before it, at one of the sizes.
    const mask = { mask: tokens === 7 };
    const seen = await run(gpu, {
      qkv,
      dy,
      weights: squares,
      scores: squares,
      y: dy.length,
      dx: qkv.length,
    }, [
      [attention.attentionScores(shape), "qkv", "weights"],
      [attention.attentionSoftmax(shape), "weights"],
      [attention.attentionOutput(shape), "weights", "qkv", "y"],
      [attention.attentionWeightGradient(shape), "dy", "qkv", "scores"],
      [attention.attentionSoftmaxGradient(shape), "weights", "scores"],
      [attention.attentionInputGradient(shape, "queries", mask), "scores", "qkv", "dx"],
      [attention.attentionInputGradient(shape, "keys", mask), "scores", "qkv", "dx"],
      [
        attention.attentionInputGradient(shape, "values", mask),
        "weights",
        "dy",
        ...(mask.mask ? ["qkv"] : []),
        "dx",
      ],
    ]);
    const size = `${batch}x${tokens}x${units}, ${heads} heads${causal ? ", causal" : ""}`;
    assertClose(as("attention", size), seen.y!, truth.output, TOLERANCE);
    const dx = mask.mask ? truth.input.map((value, at) => positive(value, qkv[at]!)) : truth.input;
    assertClose(as("attention, input gradient", size), seen.dx!, dx, TOLERANCE);
  }
});

Deno.test("WGSL attention takes the largest score off first", vulkan, async () => {
  const gpu = await sharedGpu();
  const shape = { batch: 1, tokens: 8, units: 4, heads: 1, causal: true };
  const qkv = normals(8 * 12, "qkv").map((value) => 40 * value);
  const { y } = await run(gpu, { qkv, weights: 64, y: 32 }, [
    [attention.attentionScores(shape), "qkv", "weights"],
    [attention.attentionSoftmax(shape), "weights"],
    [attention.attentionOutput(shape), "weights", "qkv", "y"],
  ]);
  const layer = { kind: "attention", name: "attention1", heads: 1, causal: true } as const;
  const truth = truthOf(layer, qkv, [1, 8, 1, 12], {}, new Float32Array(32));
  // Scores of some thousands in 32 bits are off by 1e-4, and so are their exponentials.
  assertClose(as("attention, large scores", "8x4"), y!, truth.output, 1e-3);
});

for (const [kind, centred] of [["layer_norm", true], ["rms_norm", false]] as const) {
  Deno.test(`WGSL ${kind} agrees with float64`, vulkan, async () => {
    const gpu = await sharedGpu();
    for (const [rows, channels] of [[130, 768], [64, 48], [5, 6], [1, 3]] as const) {
      // A mean of 50 deviations: where a variance from Σx² − (Σx)² would have no digits left.
      const x = normals(rows * channels, "x").map((value) => value + (centred ? 50 : 0));
      const [gamma, beta, dy] = [normals(channels, 1), normals(channels, 2), normals(rows * channels, 3)];
      const variables = { "n/gamma": gamma, "n/beta": beta };
      const truth = truthOf({ kind, name: "n" }, x, [rows, 1, 1, channels], variables, dy);
      const shape = { rows, channels, centred, epsilon: LAYER_NORM_EPSILON };
      const sums = norm.tokenNormGradients(shape, HARDWARE);
      const values = sums.parts * (centred ? 2 : 1) * channels;
      const sizes = {
        y: x.length,
        dx: x.length,
        statistics: 2 * rows,
        partial: values,
        dGamma: channels,
        dBeta: channels,
      };
      const affine = centred ? ["gamma", "beta"] : ["gamma"];
      const seen = await run(gpu, { x, gamma, beta, dy, ...sizes }, [
        [norm.tokenNorm(shape), "x", ...affine, "y", "statistics"],
        [norm.tokenNormInputGradient(shape, { mask: true }), "x", "statistics", "gamma", "dy", "dx"],
        [sums.kernel, "x", "statistics", "dy", "partial"],
        centred
          ? [joinGradients(shape, HARDWARE), "partial", "dGamma", "dBeta"]
          : [sumParts(sums.parts, channels), "partial", "dGamma"],
      ]);
      const size = `${rows}x${channels}`;
      // x itself carries 4e-6 of a deviation in rounding, being 50 of them from zero.
      const tolerance = centred ? 5 * TOLERANCE : TOLERANCE;
      assertClose(as(kind, size), seen.y!, truth.output, tolerance);
      const dx = truth.input.map((value, at) => positive(value, x[at]!));
      assertClose(as(`${kind}, input gradient`, size), seen.dx!, dx, tolerance);
      assertClose(
        as(`${kind}, gradient for gamma`, size),
        seen.dGamma!,
        truth.gradients["n/gamma"]!,
        tolerance,
      );
      if (centred) {
        assertClose(
          as(`${kind}, gradient for beta`, size),
          seen.dBeta!,
          truth.gradients["n/beta"]!,
          tolerance,
        );
      }
    }
  });
}

Deno.test("WGSL embeddings and their gradients agree with float64", vulkan, async () => {
  const gpu = await sharedGpu();
  // One token only, every token often or never, more rows than chunks, fewer rows than a workgroup has invocations.
  for (
    const [batch, tokens, vocabulary, units] of [[64, 128, 256, 32], [8, 64, 40, 48], [3, 7, 5, 6], [
      2,
      100,
      1,
      3,
    ]] as const
  ) {
    const rows = batch * tokens;
    const skewed = normals(rows, "tokens").map((value) =>
      Math.min(vocabulary - 1, Math.floor(value ** 2 * vocabulary / 4))
    );
    const [table, dy] = [normals(vocabulary * units, "table"), normals(rows * units, "dy")];
    const layer = { kind: "embedding", name: "e", vocabulary, units } as const;
    const truth = truthOf(layer, skewed, [batch, tokens, 1, 1], { "e/kernel": table }, dy);
    const shape = { rows, vocabulary, units };
    const sizes = {
      y: dy.length,
      order: rows,
      starts: vocabulary + 1,
      partial: dy.length,
      gradient: table.length,
    };
    const seen = await run(gpu, { tokens: skewed, table, dy, ...sizes }, [
      [embedding.embed(shape), "tokens", "table", "y"],
      [embedding.tokenOrder(shape), "tokens", "order", "starts"],
      [embedding.tokenSums(shape), "tokens", "order", "dy", "partial"],
      [embedding.tokenTotals(shape), "starts", "partial", "gradient"],
    ]);
    const size = `${rows} of ${vocabulary}x${units}`;
    assert.deepEqual(seen.y, Float32Array.from(truth.output), size);
    assertClose(as("embedding, gradient", size), seen.gradient!, truth.gradients["e/kernel"]!, TOLERANCE);
  }
});

Deno.test("WGSL positional embeddings and their gradients agree with float64", vulkan, async () => {
  const gpu = await sharedGpu();
  for (const [batch, tokens, units] of [[64, 32, 48], [3, 5, 3]] as const) {
    const size = tokens * units;
    const [x, table, dy] = [normals(batch * size, "x"), normals(size, "table"), normals(batch * size, "dy")];
    const layer = { kind: "positional_embedding", name: "p" } as const;
    const truth = truthOf(layer, x, [batch, tokens, 1, units], { "p/kernel": table }, dy);
    const { kernel, parts } = columnSums(batch, size, SOFTWARE);
    const seen = await run(gpu, { x, table, dy, y: x.length, partial: parts * size, gradient: size }, [
      [embedding.addToEach(batch, size), "x", "table", "y"],
      [kernel, "dy", "partial"],
      [sumParts(parts, size), "partial", "gradient"],
    ]);
    assert.deepEqual(seen.y, Float32Array.from(truth.output));
    assertClose(
      as("positional embedding, gradient", `${batch}x${size}`),
      seen.gradient!,
      truth.gradients["p/kernel"]!,
      TOLERANCE,
    );
  }
});

Deno.test(
  "WGSL GELU and ReLU² agree with float64 from −9 to 9, and keep what is not a number",
  vulkan,
  async () => {
    const gpu = await sharedGpu();
    const x = Float32Array.from({ length: 1801 }, (_, at) => at / 100 - 9);
    const dy = normals(x.length, "dy");
    for (const kind of ["gelu", "relu_squared"] as const) {
      const truth = truthOf({ kind }, x, [1, x.length, 1, 1], {}, dy);
      const { y, dx } = await run(
        gpu,
        { x, dy, y: x.length, dx: x.length },
        kind === "gelu"
          ? [[activation.gelu(x.length), "x", "y"], [
            activation.geluGradient(x.length, { mask: true }),
            "x",
            "dy",
            "dx",
          ]]
          : [[activation.reluSquared(x.length), "x", "y"], [
            activation.reluSquaredGradient(x.length),
            "x",
            "dy",
            "dx",
          ]],
      );
      assertClose(as(kind, `${x.length}`), y!, truth.output, 5e-7);
      const masked = truth.input.map((value, at) => positive(value, x[at]!));
      assertClose(as(`${kind}, gradient`, `${x.length}`), dx!, masked, 5e-7);
    }
    const ruined = Float32Array.of(NaN, 1, NaN, -1);
    const { squared, smooth } = await run(gpu, { x: ruined, squared: 4, smooth: 4 }, [
      [activation.reluSquared(4), "x", "squared"],
      [activation.gelu(4), "x", "smooth"],
    ]);
    for (const values of [squared!, smooth!]) {
      assert.deepEqual([...values].map(Number.isNaN), [
        true,
        false,
        true,
        false,
      ]);
    }
  },
);

Deno.test("WGSL GELU's normal distribution is off by 1e-7 at most", vulkan, async () => {
  const gpu = await sharedGpu();
  const x = Float32Array.from({ length: 4000 }, (_, at) => at / 500 - 4);
  const { y } = await run(gpu, { x, y: x.length }, [[activation.gelu(x.length), "x", "y"]]);
  const truth = truthOf({ kind: "gelu" }, x, [1, x.length, 1, 1], {}, x).output;
  x.forEach((value, at) => {
    if (Math.abs(value) > 0.1) {
      assert.ok(Math.abs(y![at]! - truth[at]!) < 1e-7 * Math.abs(value), `at ${value}`);
    }
  });
});
