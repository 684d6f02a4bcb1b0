import type { Model } from "#compute/model.ts";
import { buildModel, MODELS } from "#compute/models.ts";
import { fuse, geometriesOf } from "#compute/wasm/fuse.ts";
import type { Geometry } from "#compute/wasm/geometry.ts";

/** One of the lab's models for images of `size`² pixels, in ten classes. */
export function networkOf(name: string, size: number): Model {
  return buildModel(name, [size, size, 3], 10, MODELS[name]?.labelUnit);
}

/** A model's convolutions, in order; dense layers are left out. */
export function convolutionsOf({ layers, input }: Model): Geometry[] {
  return geometriesOf(fuse(layers, input)).filter((geometry) => geometry.input.some((size) => size > 1));
}

/** Multiplications and additions of one pass of a convolution over an image, as a direct one. */
export function operationsOf({ kernel, output, inChannels, outChannels }: Geometry): number {
  return 2 * kernel[0] * kernel[1] * output[0] * output[1] * inChannels * outChannels;
}

/**
 * Operations of a training step for an image of `size`² pixels: three passes of each convolution (forward, kernel's
 * gradient, input's gradient), two of the first, whose input needs none.
 */
export function stepOperations(model: string, size: number): number {
  const operations = convolutionsOf(networkOf(model, size)).map(operationsOf);
  return operations.reduce((sum, each, index) => sum + each * (index === 0 ? 2 : 3), 0);
}
