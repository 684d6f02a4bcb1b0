import type { Model } from "#compute/model.ts";
import { buildModel, MODELS } from "#compute/models.ts";
import type { AttentionSizes } from "#compute/wasm/attention_stage.ts";
import { attentionsOf as attentionSizesOf, fuse, geometriesOf } from "#compute/wasm/fuse.ts";
import type { Geometry } from "#compute/wasm/geometry.ts";
import { anyData } from "./random_images.ts";

/** One of the lab's models for the data of a bench: images of `size`² pixels, or windows of `size` tokens. */
export function networkOf(name: string, size: number): Model {
  const { labelUnit = "image" } = MODELS[name] ?? {};
  const { shape, classes } = anyData(labelUnit, 1, size);
  return buildModel(name, shape, classes.length, labelUnit);
}

/** A model's convolutions, in order; dense layers are left out. */
export function convolutionsOf({ layers, input }: Model): Geometry[] {
  return geometriesOf(fuse(layers, input)).filter((geometry) => geometry.input.some((size) => size > 1));
}

/** A model's attention layers, in order. */
export function attentionsOf({ layers, input }: Model): AttentionSizes[] {
  return attentionSizesOf(fuse(layers, input));
}

/** Multiplications and additions of the two products of an attention layer; a causal one needs a half of each. */
export function attentionOperations({ tokens, units, causal }: AttentionSizes): number {
  return 4 * tokens ** 2 * units * (causal ? 0.5 : 1);
}

/** Multiplications and additions of one pass of a convolution over an image, as a direct one. */
export function operationsOf({ kernel, output, inChannels, outChannels }: Geometry): number {
  return 2 * kernel[0] * kernel[1] * output[0] * output[1] * inChannels * outChannels;
}

/**
 * Operations of a training step for an image or a window: three passes of each convolution (forward, kernel's gradient,
 * input's gradient), two of the first of images, whose input needs none; three times the products of attention, whose
 * gradient has twice as many.
 */
export function stepOperations(name: string, size: number): number {
  const model = networkOf(name, size);
  const needless = MODELS[name]?.labelUnit === "token" ? -1 : 0;
  const convolutions = convolutionsOf(model).map(operationsOf)
    .reduce((sum, each, index) => sum + each * (index === needless ? 2 : 3), 0);
  return attentionsOf(model).reduce((sum, each) => sum + 3 * attentionOperations(each), convolutions);
}
