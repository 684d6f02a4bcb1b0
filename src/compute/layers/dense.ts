import { denseShape } from "../reference/convolution.ts";
import { type LayerEntry, vector } from "./entry.ts";
import { applyLinear } from "./linear.ts";

export interface DenseLayer {
  readonly kind: "dense";
  readonly name: string;
  readonly units: number;
}

/** `[batch, inputs] · [inputs, units] + bias`. */
export const dense: LayerEntry<DenseLayer> = {
  kind: "dense",
  description: "fully connected layer with bias, after the global pool",
  outputShape({ name, units }, input) {
    if (input.length !== 1) {
      throw new TypeError(`Layer ${name} needs [features], got [${input}]; global_average_pool gives them`);
    }
    return [units];
  },
  parameters({ name, units }, input) {
    const channels = input.at(-1)!;
    return [
      { name: `${name}/kernel`, shape: [channels, units], init: "he", fanIn: channels, trainable: true },
      vector(`${name}/bias`, units, "zeros", true),
    ];
  },
  apply: ({ name, units }, input, shape, pass) =>
    applyLinear({ name, bias: true }, input, denseShape(shape[0]!, shape[1]!, units), pass),
};
