import type { AnyLayer, LayerEntry } from "./entry.ts";

/** `L`: the layers that a branch may hold. */
export interface ResidualLayer<L extends AnyLayer = AnyLayer> {
  readonly kind: "residual";
  readonly name: string;
  readonly main: readonly L[];
  /** Empty: x itself. */
  readonly shortcut: readonly L[];
}

/** main(x) + shortcut(x) (He et al., 2015); both come out in one shape. */
export const residual: LayerEntry<ResidualLayer> = {
  kind: "residual",
  description: "the sum of two branches from one input (He et al., 2015)",
  outputShape({ name, main, shortcut }, _input, through) {
    const [out, beside] = [through(main), through(shortcut)];
    if (`${out}` !== `${beside}`) throw new TypeError(`Layer ${name} cannot add [${beside}] to [${out}]`);
    return out;
  },
  branches: ({ main, shortcut }) => [main, shortcut],
  apply(layer, input, shape, pass) {
    const main = pass.apply(layer.main, input, shape);
    const shortcut = pass.apply(layer.shortcut, input, shape);
    const add = (a: Float64Array, b: Float64Array) => a.map((value, index) => value + b[index]!);
    return {
      output: add(main.output, shortcut.output),
      backward: (gradient) => add(main.backward(gradient), shortcut.backward(gradient)),
    };
  },
};
