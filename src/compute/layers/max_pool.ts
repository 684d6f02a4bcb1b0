import { type ImageShape, type LayerEntry, positive, spatial } from "./entry.ts";

export interface MaxPoolLayer {
  readonly kind: "max_pool";
  /** Side of the window, in pixels. */
  readonly size: number;
}

/** Max-pool: square window, stride equal to the window, no padding; odd rests are dropped. */
export const maxPoolLayer: LayerEntry<MaxPoolLayer> = {
  kind: "max_pool",
  description: "largest value of each square window, stride equal to the window",
  outputShape(layer, input) {
    const [height, width, channels] = spatial(layer, input);
    if (layer.size > Math.min(height, width)) {
      throw new TypeError(`Layer max_pool has a window of ${layer.size}, larger than its input [${input}]`);
    }
    return positive(layer, [Math.floor(height / layer.size), Math.floor(width / layer.size), channels]);
  },
  looksAhead: () => true,
  apply({ size }, input, shape) {
    const images = shape as ImageShape;
    return {
      output: maxPool(input, images, size),
      backward: (gradient) => maxPoolGradient(input, gradient, images, size),
    };
  },
};

/** Calls `visit(outOffset, inOffsets)` for every window of a pool without padding, channel by channel. */
function eachWindow(shape: ImageShape, size: number, visit: (out: number, inside: number[]) => void): void {
  const [batch, height, width, channels] = shape;
  const rows = Math.floor(height / size);
  const columns = Math.floor(width / size);
  for (let out = 0; out < batch * rows * columns * channels; out++) {
    const channel = out % channels;
    const column = Math.floor(out / channels) % columns;
    const row = Math.floor(out / (channels * columns)) % rows;
    const item = Math.floor(out / (channels * columns * rows));
    const inside: number[] = [];
    for (let y = row * size; y < (row + 1) * size; y++) {
      for (let x = column * size; x < (column + 1) * size; x++) {
        inside.push(((item * height + y) * width + x) * channels + channel);
      }
    }
    visit(out, inside);
  }
}

/** The largest value of each square window; stride equals the window, odd rests are dropped. */
export function maxPool(input: Float64Array, shape: ImageShape, size: number): Float64Array {
  const [batch, height, width, channels] = shape;
  const output = new Float64Array(batch * Math.floor(height / size) * Math.floor(width / size) * channels);
  eachWindow(shape, size, (out, inside) => {
    output[out] = Math.max(...inside.map((index) => input[index]!));
  });
  return output;
}

/** Sends each gradient to the first pixel (row by row) that holds the window's largest value. */
export function maxPoolGradient(
  input: Float64Array,
  outGradient: Float64Array,
  shape: ImageShape,
  size: number,
): Float64Array {
  const gradient = new Float64Array(input.length);
  eachWindow(shape, size, (out, inside) => {
    const largest = Math.max(...inside.map((index) => input[index]!));
    const first = inside.find((index) => input[index] === largest);
    if (first !== undefined) gradient[first]! += outGradient[out]!;
  });
  return gradient;
}
