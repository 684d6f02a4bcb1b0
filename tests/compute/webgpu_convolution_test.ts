import {
  addBias,
  type ConvolutionShape,
  convolutionShape,
  convolve,
  convolveInputGradient,
  convolveKernelGradient,
} from "#compute/reference/convolution.ts";
import { HARDWARE, SOFTWARE } from "#compute/webgpu/kernel.ts";
import { convForward, convInputGradient, transposeKernel } from "#compute/webgpu/kernels/convolution.ts";
import { filterGradient } from "#compute/webgpu/kernels/filter_gradient.ts";
import { sumParts } from "#compute/webgpu/kernels/sums.ts";
import { assertClose } from "../support/errors.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { bufferOf, normals, runKernels, sharedGpu } from "./webgpu_support.ts";

/** Sums of up to 65,536 products in 32 bits, split into short ones: rounding alone stays below. */
const TOLERANCE = 5e-6;

const conv = (
  image: [number, number, number, number],
  filters: number,
  kernel: number,
  stride: number,
  padding: "same" | "valid",
) => convolutionShape(image, { filters, kernel, stride, padding });

/** The longest sums are tried once; other layers as large, whose float64 takes seconds, in the long tests alone. */
const [BATCH, WIDE] = LONG ? [64, 16] : [6, 2];

/** Layers of the lab's models, and shapes that nothing divides. */
const SHAPES: readonly ConvolutionShape[] = [
  conv([64, 32, 32, 3], 16, 3, 1, "same"),
  conv([BATCH, 16, 16, 16], 32, 3, 1, "same"),
  conv([BATCH, 8, 8, 32], 64, 3, 1, "same"),
  conv([WIDE, 32, 32, 32], 32, 3, 1, "same"),
  conv([WIDE, 8, 8, 128], 128, 3, 1, "same"),
  conv([BATCH, 32, 32, 16], 32, 3, 2, "same"),
  conv([BATCH, 32, 32, 16], 32, 1, 2, "same"),
  conv([3, 33, 17, 3], 5, 3, 2, "same"),
  conv([2, 9, 14, 6], 7, 5, 2, "valid"),
  conv([5, 7, 7, 1], 2, 7, 3, "same"),
  conv([4, 8, 8, 8], 10, 1, 2, "same"),
  conv([3, 13, 13, 5], 3, 2, 1, "valid"),
  conv([64, 1, 1, 64], 10, 1, 1, "valid"),
  { ...conv([2, 11, 12, 4], 4, 3, 1, "same"), kernelWidth: 5, padLeft: 2, strideY: 2, outHeight: 6 },
];

const describe = (s: ConvolutionShape) =>
  `${s.batch}x${s.inHeight}x${s.inWidth}x${s.inChannels}→${s.outChannels} ` +
  `kernel ${s.kernelHeight}x${s.kernelWidth} stride ${s.strideY}x${s.strideX}`;

Deno.test("WGSL convolutions agree with float64", await requires("vulkan"), async (t) => {
  const gpu = await sharedGpu();
  for (const shape of SHAPES) {
    const x = normals(shape.batch * shape.inHeight * shape.inWidth * shape.inChannels, "x");
    const kernelSize = shape.kernelHeight * shape.kernelWidth * shape.inChannels * shape.outChannels;
    const w = normals(kernelSize, "w");
    const bias = normals(shape.outChannels, "bias");
    const dy = normals(shape.batch * shape.outHeight * shape.outWidth * shape.outChannels, "dy");
    const [x64, w64, dy64] = [x, w, dy].map((values) => Float64Array.from(values)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const expected = convolve(x64, w64, shape);
    addBias(expected, Float64Array.from(bias));
    const rectified = expected.map((value) => Math.max(0, value));
    const masked = convolveInputGradient(dy64, w64, shape).map((value, at) => x[at]! > 0 ? value : 0);
    const truth = convolveKernelGradient(x64, dy64, shape);
    for (const [kind, tuning] of Object.entries({ software: SOFTWARE, hardware: HARDWARE })) {
      await t.step(`${describe(shape)}, tuned for ${kind}`, async () => {
        const forward = convForward(shape, { ...tuning, bias: true, relu: true });
        const y = await runKernels(gpu, [[forward, [x, w, bias, dy.length].map((v) => bufferOf(gpu, v))]]);
        const as = (kernel: string) => ({ device: "webgpu", kernel, shape: describe(shape) });
        assertClose(as("convolution + bias + ReLU"), y, rectified, TOLERANCE);

        const flipped = bufferOf(gpu, w.length);
        const dx = await runKernels(gpu, [
          [transposeKernel(shape), [bufferOf(gpu, w), flipped]],
          [convInputGradient(shape, { ...tuning, mask: true }), [
            bufferOf(gpu, dy),
            flipped,
            bufferOf(gpu, x),
            bufferOf(gpu, x.length),
          ]],
        ]);
        assertClose(as("convolution, input gradient"), dx, masked, TOLERANCE);

        const { kernel, parts } = filterGradient(shape, tuning);
        const partial = bufferOf(gpu, parts * w.length);
        const dw = await runKernels(gpu, [
          [kernel, [bufferOf(gpu, x), bufferOf(gpu, dy), partial]],
          [sumParts(parts, w.length), [partial, bufferOf(gpu, w.length)]],
        ]);
        assertClose(as("convolution, kernel gradient"), dw, truth, TOLERANCE);
      });
    }
  }
});
