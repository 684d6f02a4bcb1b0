import { type ImageShape, type LayerEntry, spatial } from "./entry.ts";

export interface UpsampleLayer {
  readonly kind: "upsample";
  /** Pixels in a row, and in a column, that one pixel becomes. */
  readonly size: number;
}

/** Nearest-neighbour upsampling: torch.nn.Upsample(scale_factor=size, mode="nearest"). */
export const upsampleLayer: LayerEntry<UpsampleLayer> = {
  kind: "upsample",
  description: "each pixel repeated in a square, nearest-neighbour upsampling",
  outputShape(layer, input) {
    const [height, width, channels] = spatial(layer, input);
    return [height * layer.size, width * layer.size, channels];
  },
  apply: ({ size }, input, shape) => ({
    output: upsample(input, shape as ImageShape, size),
    backward: (gradient) => upsampleGradient(gradient, shape as ImageShape, size),
  }),
};

/** Every pixel as a square of `size` × `size`. */
export function upsample(input: Float64Array, shape: ImageShape, size: number): Float64Array {
  const output = new Float64Array(input.length * size * size);
  eachPixel(shape, size, (inside, out) => output[out] = input[inside]!);
  return output;
}

/** The sum over each square. */
export function upsampleGradient(outGradient: Float64Array, shape: ImageShape, size: number): Float64Array {
  const gradient = new Float64Array(outGradient.length / (size * size));
  eachPixel(shape, size, (inside, out) => gradient[inside]! += outGradient[out]!);
  return gradient;
}

/** Calls `visit(inOffset, outOffset)` for every value of the output, row by row. */
function eachPixel(
  [batch, height, width, channels]: ImageShape,
  size: number,
  visit: (inside: number, out: number) => void,
): void {
  const [rows, columns] = [height * size, width * size];
  for (let out = 0; out < batch * rows * columns * channels; out++) {
    const channel = out % channels;
    const x = Math.floor(Math.floor(out / channels) % columns / size);
    const y = Math.floor(Math.floor(out / (channels * columns)) % rows / size);
    const item = Math.floor(out / (channels * columns * rows));
    visit(((item * height + y) * width + x) * channels + channel, out);
  }
}
