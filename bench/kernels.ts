import { convolve, inputGradient, kernelGradient, TABLE_BYTES } from "#compute/wasm/convolution.ts";
import {
  type Geometry,
  gradientMargins,
  inputMargins,
  packedFloats,
  tileFloats,
} from "#compute/wasm/geometry.ts";
import { bestBuild, type Kernels, loadKernels } from "#compute/wasm/kernels.ts";
import { Arena, strides } from "#compute/wasm/plane.ts";
import type { KernelFigures } from "./kernel_figures.ts";
import { timeTransformer } from "./layer_kernels.ts";
import { attentionsOf, convolutionsOf, networkOf, operationsOf } from "./operations.ts";
import { spread } from "./statistics.ts";

export interface KernelsReport {
  readonly model: string;
  /** Height and width of an image, in pixels. */
  readonly size: number;
  readonly batch: number;
  readonly build: string;
  /** GFLOP/s of one core in multiply-adds on registers, in the same build. */
  readonly peak_gflops: number;
  readonly kernels: readonly KernelFigures[];
}

/** Times every kernel of a model's convolutions, and what stands between them, on one core. */
export function benchKernels(name: string, size: number, batch: number, rounds: number): KernelsReport {
  const model = networkOf(name, size);
  const peak = measurePeak(rounds);
  const geometries = convolutionsOf(model);
  // Of a kind that repeats, one.
  const different = geometries.filter((geometry, index) =>
    geometries.findIndex((other) => JSON.stringify(other) === JSON.stringify(geometry)) === index
  );
  const isText = model.input[2] === 1;
  const kernels = different.flatMap((geometry) =>
    timeConvolution(geometry, batch, rounds, isText || geometry !== geometries[0], peak)
  );
  const [attention] = attentionsOf(model);
  if (attention) {
    const timer = { fastest: (run: () => void) => fastest(rounds, run), loadFilled };
    kernels.push(...timeTransformer(attention, batch, peak, timer));
  } else {
    kernels.push(
      timeInput(size, batch, rounds),
      ...timePool(size, geometries[0]!.outChannels, batch, rounds),
    );
  }
  return { model: name, size, batch, build: bestBuild(), peak_gflops: peak, kernels };
}

function measurePeak(rounds: number): number {
  const arena = new Arena();
  const out = arena.floats(56);
  const kernels = loadFilled(arena);
  // Many short calls: V8 puts its optimised code in only where a call begins.
  const rows = 20_000;
  const calls = 50;
  const ms = fastest(rounds, () => {
    for (let call = 0; call < calls; call++) kernels.multiplyAdds(out, rows);
  });
  return 12 * 4 * 2 * rows * calls / ms / 1e6;
}

function timeConvolution(
  geometry: Geometry,
  batch: number,
  rounds: number,
  withInput: boolean,
  peak: number,
): KernelFigures[] {
  const { inChannels, outChannels, kernel } = geometry;
  const arena = new Arena();
  const inShape = [...geometry.input, inChannels] as const;
  const outShape = [...geometry.output, outChannels] as const;
  const input = arena.plane(batch, inShape, inputMargins(geometry));
  const output = arena.plane(batch, outShape);
  const outGradient = arena.plane(batch, outShape, gradientMargins(geometry), geometry.stride);
  const inGradient = arena.plane(batch, inShape);
  const weights = arena.floats(kernel[0] * kernel[1] * inChannels * outChannels);
  const gradient = arena.floats(kernel[0] * kernel[1] * inChannels * outChannels);
  const floats = packedFloats(geometry);
  const scratch = {
    packed: arena.floats(floats),
    work: arena.floats(floats),
    table: arena.allocate(TABLE_BYTES),
    tiles: arena.floats(tileFloats(geometry)),
  };
  const kernels = loadFilled(arena);
  const places = { kernel: weights, bias: 0, relu: true };
  const runs: [string, () => void][] = [
    ["convolution", () => convolve(kernels, geometry, { input, output }, places, scratch, batch)],
    [
      "kernel gradient",
      () => kernelGradient(kernels, geometry, { input, outGradient }, gradient, scratch, batch),
    ],
  ];
  if (withInput) {
    const planes = { outGradient, inGradient };
    runs.push(["input gradient", () => inputGradient(kernels, geometry, planes, weights, scratch, batch)]);
  }
  const operations = batch * operationsOf(geometry);
  return runs.map(([name, run]) => {
    const ms = fastest(rounds, run);
    const gflops = operations / ms / 1e6;
    const shape = `${geometry.input.join("×")}, ${inChannels} → ${outChannels}`;
    return { kernel: name, shape, ms, gflops, share_of_peak: gflops / peak };
  });
}

function timeInput(size: number, batch: number, rounds: number): KernelFigures {
  const arena = new Arena();
  const bytes = arena.allocate(batch * size ** 2 * 3);
  const moves = arena.allocate(3 * batch);
  const table = arena.floats(3 * 256);
  const out = arena.plane(batch, [size, size, 3], { top: 1, left: 1, rows: size + 2, columns: size + 2 });
  // Zeros: images that stay where they are, which is as much work as any.
  const kernels = loadKernels(arena.createMemory());
  const ms = fastest(
    rounds,
    () => kernels.fillInput(bytes, moves, table, out.at, batch, size, size, 3, out.row, out.image),
  );
  return {
    kernel: "augmentation and normalisation",
    shape: `${size}×${size}, 3`,
    ms,
    gflops: null,
    share_of_peak: null,
  };
}

function timePool(size: number, channels: number, batch: number, rounds: number): KernelFigures[] {
  const arena = new Arena();
  const half = size >> 1;
  const x = arena.plane(batch, [size, size, channels]);
  const y = arena.plane(batch, [half, half, channels]);
  const dx = arena.plane(batch, [size, size, channels]);
  const kernels = loadFilled(arena);
  const sizes = [batch, half, half, channels, 2];
  const forward = () => kernels.maxPool(x.at, y.at, ...sizes, ...strides(x), ...strides(y));
  const layouts = [x, y, y, dx].flatMap(strides);
  const backward = () => kernels.maxPoolGradient(x.at, y.at, y.at, dx.at, 0, ...sizes, ...layouts, 1);
  const figures = { shape: `${size}×${size}, ${channels}`, gflops: null, share_of_peak: null };
  return [
    { kernel: "max pool", ms: fastest(rounds, forward), ...figures },
    { kernel: "max pool and ReLU gradient", ms: fastest(rounds, backward), ...figures },
  ];
}

/** Kernels on a memory of ones and fractions: no denormal numbers, which are slow. */
function loadFilled(arena: Arena): Kernels {
  const memory = arena.createMemory();
  new Float32Array(memory.buffer).forEach((_, index, floats) =>
    floats[index] = ((index * 7919) % 1000) / 1000 - 0.5
  );
  return loadKernels(memory);
}

/** The fastest of some calls, in milliseconds, after a few that let V8 compile: others on the machine only add. */
function fastest(rounds: number, run: () => void): number {
  for (let warm = 0; warm < 3; warm++) run();
  return spread(Array.from({ length: rounds }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  })).low;
}
