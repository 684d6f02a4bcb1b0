import { type AnyLayer, type LayerEntry, spatial } from "./entry.ts";

/** `L`: the layers that a branch may hold. */
export interface ConcatLayer<L extends AnyLayer = AnyLayer> {
  readonly kind: "concat";
  readonly name: string;
  readonly main: readonly L[];
  /** Empty: x itself, the skip connection of a U-Net. */
  readonly shortcut: readonly L[];
}

/** The channels of main(x), then those of shortcut(x); both come out in one height and width (Ronneberger et al., 2015). */
export const concat: LayerEntry<ConcatLayer> = {
  kind: "concat",
  description: "the channels of two branches from one input, side by side (Ronneberger et al., 2015)",
  outputShape(layer, _input, through) {
    const [out, beside] = [through(layer.main), through(layer.shortcut)];
    const [height, width, channels] = spatial(layer, out);
    const [rows, columns, others] = spatial(layer, beside);
    if (height !== rows || width !== columns) {
      throw new TypeError(`Layer ${layer.name} cannot put [${beside}] beside [${out}]`);
    }
    return [height, width, channels + others];
  },
  branches: ({ main, shortcut }) => [main, shortcut],
  apply(layer, input, shape, pass) {
    const main = pass.apply(layer.main, input, shape);
    const shortcut = pass.apply(layer.shortcut, input, shape);
    const [first, second] = [main, shortcut].map((step) => step.shape.at(-1)!) as [number, number];
    const channels = first + second;
    const pixels = main.output.length / first;
    const output = new Float64Array(pixels * channels);
    for (let pixel = 0; pixel < pixels; pixel++) {
      output.set(main.output.subarray(pixel * first, (pixel + 1) * first), pixel * channels);
      output.set(shortcut.output.subarray(pixel * second, (pixel + 1) * second), pixel * channels + first);
    }
    return {
      output,
      backward(gradient) {
        const part = (from: number, count: number) =>
          Float64Array.from(
            { length: pixels * count },
            (_, index) => gradient[Math.floor(index / count) * channels + from + index % count]!,
          );
        const below = main.backward(part(0, first));
        const beside = shortcut.backward(part(first, second));
        return below.map((value, index) => value + beside[index]!);
      },
    };
  },
};
