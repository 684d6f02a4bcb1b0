import { bandRows, type Geometry, isPointwise, productRows, winogradOutputs } from "./geometry.ts";
import type { Kernels } from "./kernels.ts";
import { asColumn, type Plane, strides } from "./plane.ts";

/** Areas that convolutions use one after another. */
export interface Scratch {
  /** Packed weights: `packedFloats` floats. */
  readonly packed: number;
  /** The filter gradient as tiles: as many floats. */
  readonly work: number;
  /** {@link TABLE_BYTES} for the addresses of pixels. */
  readonly table: number;
  /** Winograd's transformed tiles: `tileFloats` floats. */
  readonly tiles: number;
}

export const TABLE_BYTES = 384;

/**
 * output = input ∗ kernel + bias, and its ReLU.
 *
 * @param input in the margins of `inputMargins`.
 * @param places addresses of the kernel `[kernelHeight, kernelWidth, in, out]` and the bias (0 for none).
 */
export function convolve(
  kernels: Kernels,
  geometry: Geometry,
  planes: { readonly input: Plane; readonly output: Plane },
  places: { readonly kernel: number; readonly bias: number; readonly relu: boolean },
  scratch: Scratch,
  batch: number,
): void {
  const { input, output } = planes;
  const outputs = winogradOutputs(geometry, [output.height, output.width]);
  if (outputs > 0) {
    const { inChannels, outChannels } = geometry;
    kernels.winogradFilter(outputs, places.kernel, scratch.packed, scratch.work, inChannels, outChannels, 0);
    const from = { ...input, at: windowAt(geometry, input) };
    const channels = [inChannels, outChannels] as const;
    winograd(kernels, outputs, from, output, channels, [places.bias, Number(places.relu)], scratch, batch);
    return;
  }
  const { rows, rowFloats } = filterOf(geometry);
  kernels.packFilter(places.kernel, places.bias, scratch.packed, rows * rowFloats, geometry.outChannels);
  const sizes = [batch, output.height, output.width, rows, rowFloats, geometry.outChannels];
  kernels.convolve(
    windowAt(geometry, input),
    scratch.packed,
    output.at,
    scratch.table,
    ...sizes,
    ...windowStrides(geometry, input),
    ...strides(output),
    Number(places.relu),
  );
}

/**
 * The gradient of {@link convolve}'s kernel, overwritten.
 *
 * @param outGradient in any layout; where channels are no multiple of 8, with 32 readable bytes behind it.
 */
export function kernelGradient(
  kernels: Kernels,
  geometry: Geometry,
  planes: { readonly input: Plane; readonly outGradient: Plane },
  gradient: number,
  scratch: Scratch,
  batch: number,
): void {
  const { input, outGradient } = planes;
  const { inChannels, outChannels } = geometry;
  const outputs = winogradOutputs(geometry, [outGradient.height, outGradient.width]);
  if (outputs > 0) {
    const places = [
      outputs,
      windowAt(geometry, input),
      outGradient.at,
      gradient,
      scratch.work,
      scratch.tiles,
    ];
    const sizes = [batch, outGradient.height, outGradient.width, inChannels, outChannels];
    kernels.winogradGradient(...places, ...sizes, ...strides(input), ...strides(outGradient));
    return;
  }
  const { rows, rowFloats } = filterOf(geometry);
  kernels.zero(scratch.work, Math.ceil(outChannels / 8) * rows * rowFloats * 32);
  const product = isPointwise(geometry) ? matrices(planes, batch) : null;
  if (product) {
    const [from, to] = product;
    const sizes = [from.height, inChannels, outChannels];
    const places = [from.at, to.at, scratch.work];
    kernels.productGradient(...places, ...sizes, from.row, to.row, productRows(from.row, to.row));
  } else {
    const [pixel, row, kernelRow, image] = windowStrides(geometry, input);
    kernels.filterGradient(
      windowAt(geometry, input),
      outGradient.at,
      scratch.work,
      ...[batch, outGradient.height, outGradient.width, rows, rowFloats, outChannels],
      ...[pixel, row, kernelRow, image],
      ...strides(outGradient),
      bandRows(row, outGradient.row),
    );
  }
  kernels.unpackFilterGradient(scratch.work, gradient, rows * rowFloats, outChannels);
}

/**
 * The gradient of {@link convolve}'s input: a convolution of stride 1 by the flipped kernel.
 *
 * @param outGradient in the margins of `gradientMargins`, its pixels as far apart as the stride, zeros between.
 */
export function inputGradient(
  kernels: Kernels,
  geometry: Geometry,
  planes: { readonly outGradient: Plane; readonly inGradient: Plane },
  kernel: number,
  scratch: Scratch,
  batch: number,
): void {
  const { outGradient, inGradient } = planes;
  const { before, stride, inChannels, outChannels } = geometry;
  const [rows, columns] = geometry.kernel;
  const pixel = outGradient.pixel / stride[1];
  const row = outGradient.row / stride[0];
  const at = outGradient.at - (rows - 1 - before[0]) * row - (columns - 1 - before[1]) * pixel;
  const outputs = winogradOutputs(geometry, [inGradient.height, inGradient.width]);
  if (outputs > 0) {
    kernels.winogradFilter(outputs, kernel, scratch.packed, scratch.work, inChannels, outChannels, 1);
    const channels = [outChannels, inChannels] as const;
    winograd(kernels, outputs, { ...outGradient, at }, inGradient, channels, [0, 0], scratch, batch);
    return;
  }
  kernels.packFilterTransposed(kernel, scratch.packed, rows * columns, inChannels, outChannels);
  kernels.convolve(
    at,
    scratch.packed,
    inGradient.at,
    scratch.table,
    ...[batch, inGradient.height, inGradient.width, rows, columns * outChannels, inChannels],
    ...[pixel, row, row, outGradient.image],
    ...strides(inGradient),
    0,
  );
}

function winograd(
  kernels: Kernels,
  outputs: number,
  from: Plane,
  to: Plane,
  channels: readonly [sums: number, outs: number],
  [bias, relu]: readonly [bias: number, relu: number],
  scratch: Scratch,
  batch: number,
): void {
  const places = [outputs, from.at, scratch.packed, to.at, bias, scratch.tiles];
  const sizes = [batch, to.height, to.width, ...channels];
  kernels.winograd(...places, ...sizes, ...strides(from), ...strides(to), relu);
}

/** Images of more than a pixel as two matrices with a row for each pixel of the batch; `null` where they are none. */
function matrices(
  { input, outGradient }: { readonly input: Plane; readonly outGradient: Plane },
  batch: number,
): readonly [Plane, Plane] | null {
  if (input.height * input.width === 1) return null;
  const [from, to] = [asColumn(input, batch), asColumn(outGradient, batch)];
  return from && to ? [from, to] : null;
}

/** Rows of the kernel, and the floats that one of them covers: its columns' channels lie side by side. */
function filterOf({ kernel, inChannels }: Geometry): { rows: number; rowFloats: number } {
  return { rows: kernel[0], rowFloats: kernel[1] * inChannels };
}

/** The address of the first window, which starts in the padding. */
function windowAt({ before }: Geometry, input: Plane): number {
  return input.at - before[0] * input.row - before[1] * input.pixel;
}

/** From an output pixel's window to the next, to the row below, from a kernel row to the next, between images. */
function windowStrides({ stride }: Geometry, input: Plane): [number, number, number, number] {
  return [input.pixel * stride[1], input.row * stride[0], input.row, input.image];
}
