import { type LayerEntry, spatial, table } from "./entry.ts";

export interface EmbeddingLayer {
  readonly kind: "embedding";
  readonly name: string;
  /** Different tokens. */
  readonly vocabulary: number;
  /** Length of a token's vector. */
  readonly units: number;
}

/**
 * A learned vector for each token: `[height, width, 1]` of whole numbers from 0 to below `vocabulary` →
 * `[height, width, units]`, torch.nn.Embedding. A network's first layer: no gradient goes on from it.
 */
export const embedding: LayerEntry<EmbeddingLayer> = {
  kind: "embedding",
  description: "a learned vector for each token, the first layer of a network for text",
  outputShape(layer, input) {
    const [height, width, channels] = spatial(layer, input);
    if (channels !== 1) {
      throw new TypeError(
        `Layer ${layer.name} needs one token in each place, [tokens, 1, 1], got [${input}]`,
      );
    }
    return [height, width, layer.units];
  },
  parameters: ({ name, vocabulary, units }) => [table(`${name}/kernel`, [vocabulary, units])],
  apply({ name, vocabulary, units }, input, _shape, pass) {
    const vectors = pass.read(`${name}/kernel`);
    const output = new Float64Array(input.length * units);
    input.forEach((token, place) => {
      if (!Number.isInteger(token) || token < 0 || token >= vocabulary) {
        throw new RangeError(
          `Layer ${name} has no token ${token}: expected whole numbers from 0 to ${vocabulary - 1}`,
        );
      }
      output.set(vectors.subarray(token * units, (token + 1) * units), place * units);
    });
    const backward = (gradient: Float64Array) => {
      const sums = pass.gradients[`${name}/kernel`] = new Float64Array(vectors.length);
      gradient.forEach((value, index) => {
        sums[input[Math.floor(index / units)]! * units + index % units]! += value;
      });
      return new Float64Array(input.length);
    };
    return { output, backward };
  },
};
