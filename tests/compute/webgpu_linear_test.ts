import {
  convolve,
  convolveInputGradient,
  convolveKernelGradient,
  denseShape,
} from "#compute/reference/convolution.ts";
import { Gpu } from "#compute/webgpu/gpu.ts";
import { HARDWARE } from "#compute/webgpu/kernel.ts";
import { linearForward, linearInputGradient, linearKernelGradient } from "#compute/webgpu/kernels/linear.ts";
import { sumParts } from "#compute/webgpu/kernels/sums.ts";
import { WebgpuLearner } from "#compute/webgpu/learner.ts";
import { learnerOptions, referenceStep, SKIP, someBatch, syntheticData } from "../conformance/support.ts";
import { DECODER, tokenOptions } from "../conformance/token_cases.ts";
import { assertClose } from "../support/errors.ts";
import { requires } from "../support/requires.ts";
import { normals, runNamed as run, sharedGpu } from "./webgpu_support.ts";

/** 32-bit rounding of sums of up to some hundred terms. */
const TOLERANCE = 5e-6;

const vulkan = await requires("vulkan");
const as = (kernel: string, shape: string) => ({ device: "webgpu", kernel, shape });

/** As wide as GPT-2's layers; wider and longer than tiles by a bit; and where nothing divides. */
const LINEAR = [[96, 768, 256], [70, 48, 52], [33, 5, 7]] as const;

Deno.test("WGSL products of linear layers agree with float64", vulkan, async () => {
  const gpu = await sharedGpu();
  for (const [rows, inputs, outputs] of LINEAR) {
    const shape = { rows, inputs, outputs };
    const [x, w, dy] = [
      normals(rows * inputs, "x"),
      normals(inputs * outputs, "w"),
      normals(rows * outputs, "dy"),
    ];
    const bias = normals(outputs, "bias");
    const { kernel, parts } = linearKernelGradient(shape, HARDWARE);
    const seen = await run(gpu, {
      x,
      w,
      bias,
      dy,
      y: rows * outputs,
      dx: x.length,
      partial: parts * w.length,
      dw: w.length,
    }, [
      [linearForward(shape, { bias: true, relu: true }), "x", "w", "bias", "y"],
      [linearInputGradient(shape, { mask: true }), "dy", "w", "x", "dx"],
      [kernel, "x", "dy", "partial"],
      [sumParts(parts, w.length), "partial", "dw"],
    ]);
    const [x64, w64, dy64] = [x, w, dy].map((values) => Float64Array.from(values)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const dense = denseShape(rows, inputs, outputs);
    const y = convolve(x64, w64, dense).map((value, at) => Math.max(0, value + bias[at % outputs]!));
    const size = `${rows}x${inputs}→${outputs}`;
    assertClose(as("linear + bias + ReLU", size), seen.y!, y, TOLERANCE);
    const dx = convolveInputGradient(dy64, w64, dense).map((value, at) => x[at]! > 0 ? value : 0);
    assertClose(as("linear, input gradient", size), seen.dx!, dx, TOLERANCE);
    assertClose(
      as("linear, kernel gradient", size),
      seen.dw!,
      convolveKernelGradient(x64, dy64, dense),
      TOLERANCE,
    );
  }
});

Deno.test("learners with the cut of hardware multiply as float64 does", vulkan, async () => {
  using gpu = await Gpu.open({ tuning: HARDWARE });
  // Convolutions of one pixel, some with a ReLU behind, and dense layers.
  for (const options of [learnerOptions(SKIP, syntheticData(40, 8), 6), tokenOptions(DECODER)]) {
    const batch = someBatch(options.data, 0, 6);
    using learner = new WebgpuLearner(gpu, options);
    const { gradients } = referenceStep(options, options.initial, batch);
    const seen = await learner.gradients(batch);
    for (const [name, gradient] of Object.entries(gradients)) {
      const what = as(`gradients of ${options.model.name}, hardware`, name);
      assertClose(what, seen[name]!, gradient, 2e-5);
    }
  }
});
