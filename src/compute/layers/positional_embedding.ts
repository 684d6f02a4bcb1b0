import { type LayerEntry, spatial, table } from "./entry.ts";

export interface PositionalEmbeddingLayer {
  readonly kind: "positional_embedding";
  readonly name: string;
}

/** x plus a learned vector for each position (Radford et al., 2019); positions are rows and columns, one after the other. */
export const positionalEmbedding: LayerEntry<PositionalEmbeddingLayer> = {
  kind: "positional_embedding",
  description: "a learned vector for each position, added",
  outputShape: (layer, input) => spatial(layer, input),
  parameters(layer, input) {
    const [height, width, units] = spatial(layer, input);
    return [table(`${layer.name}/kernel`, [height * width, units])];
  },
  apply({ name }, input, _shape, pass) {
    const vectors = pass.read(`${name}/kernel`);
    const { length } = vectors;
    const backward = (gradient: Float64Array) => {
      const sums = pass.gradients[`${name}/kernel`] = new Float64Array(length);
      gradient.forEach((value, index) => sums[index % length]! += value);
      return gradient;
    };
    return { output: input.map((value, index) => value + vectors[index % length]!), backward };
  },
};
