import { type ImageShape, type LayerEntry, spatial } from "./entry.ts";

export interface GlobalAveragePoolLayer {
  readonly kind: "global_average_pool";
}

/** Global average pool: images become features. */
export const globalAveragePoolLayer: LayerEntry<GlobalAveragePoolLayer> = {
  kind: "global_average_pool",
  description: "mean of each channel over the whole image",
  outputShape: (layer, input) => [spatial(layer, input)[2]],
  apply(_layer, input, shape) {
    const images = shape as ImageShape;
    return {
      output: globalAveragePool(input, images),
      backward: (gradient) => globalAveragePoolGradient(gradient, images),
    };
  },
};

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
