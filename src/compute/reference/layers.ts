/** The layers that are not convolutions, in float64, as plain loops. */

/** max(x, 0); what is not a number stays so. */
export function relu(input: Float64Array): Float64Array {
  return input.map((value) => value < 0 ? 0 : value);
}

/** Zero where the output of {@link relu} is zero. */
export function reluGradient(output: Float64Array, outGradient: Float64Array): Float64Array {
  return outGradient.map((value, index) => output[index]! > 0 ? value : 0);
}

/** `[batch, height, width, channels]` */
export type ImageShape = readonly [number, number, number, number];

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

/** Mean over all pixels of each image: `[batch, channels]`. */
export function globalAveragePool(input: Float64Array, shape: ImageShape): Float64Array {
  const [batch, height, width, channels] = shape;
  const area = height * width;
  const output = new Float64Array(batch * channels);
  for (let index = 0; index < input.length; index++) {
    output[Math.floor(index / (area * channels)) * channels + index % channels]! += input[index]! / area;
  }
  return output;
}

export function globalAveragePoolGradient(outGradient: Float64Array, shape: ImageShape): Float64Array {
  const [batch, height, width, channels] = shape;
  const area = height * width;
  return Float64Array.from({ length: batch * area * channels }, (_, index) => {
    const item = Math.floor(index / (area * channels));
    return outGradient[item * channels + index % channels]! / area;
  });
}
