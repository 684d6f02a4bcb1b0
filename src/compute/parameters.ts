import { random } from "#lib/prng.ts";
import type { HostTensor, LearnerState } from "#train/learner.ts";
import { entryOf } from "./layers/catalog.ts";
import type { ActivationShape, AnyLayer, Parameter } from "./layers/entry.ts";
import type { Model } from "./model.ts";

export type { Parameter };

/**
 * Output shape of a layer for one image.
 *
 * @throws {TypeError} where the layer does not fit its input. @throws {RangeError} for a setting out of its range.
 */
export function outputShape(layer: AnyLayer, input: ActivationShape): ActivationShape {
  return entryOf(layer).outputShape(layer, input, (layers) => stackShape(layers, input));
}

/** Output shape of layers one after the other. */
function stackShape(layers: readonly AnyLayer[], input: ActivationShape): ActivationShape {
  return layers.reduce((shape: ActivationShape, layer) => outputShape(layer, shape), input);
}

/** Every variable of a model, in the order of its layers. */
export function parametersOf(model: Model): Parameter[] {
  return parametersOfLayers(model.layers, model.input);
}

function parametersOfLayers(layers: readonly AnyLayer[], input: ActivationShape): Parameter[] {
  const parameters: Parameter[] = [];
  let shape: ActivationShape = input;
  for (const layer of layers) {
    const entry = entryOf(layer);
    parameters.push(...entry.parameters?.(layer, shape) ?? []);
    for (const branch of entry.branches?.(layer) ?? []) parameters.push(...parametersOfLayers(branch, shape));
    shape = outputShape(layer, shape);
  }
  return parameters;
}

/**
 * Standard deviation of the last layer's initial weights, as torchvision's VGG has it. All classes begin almost equally
 * likely, so the first loss is ln(classes) to about 1 %; He's variance, meant for a layer before a ReLU, gives logits as
 * large as the features, and first losses of 1.8 to 4.4 nats by chance.
 */
export const HEAD_DEVIATION = 0.01;

/** Name of the last layer's kernel; `null` where that layer has none. */
function headKernel({ layers }: Model): string | null {
  const last = layers.at(-1);
  return last?.kind === "dense" || last?.kind === "conv" ? `${last.name}/kernel` : null;
}

/** True for the kernel of a hidden layer: neither a vector, nor embeddings, nor the last layer's. */
export function isHiddenKernel(model: Model, { name, shape, trainable, table }: Parameter): boolean {
  return trainable && !table && shape.length > 1 && name !== headKernel(model);
}

/**
 * Initial weights: normal with variance 2 / fanIn for kernels (He et al., 2015) but {@link HEAD_DEVIATION} for the last
 * layer's, with a deviation of their own for those that have one, zeros for biases, ones for scales. Each variable draws
 * from a stream of its own, so the same seed gives the same bits on every device.
 */
export function initialWeights(model: Model, seed: number): LearnerState {
  const state: Record<string, HostTensor> = {};
  const head = headKernel(model);
  for (const parameter of parametersOf(model)) {
    const data = new Float32Array(parameter.shape.reduce((product, size) => product * size, 1));
    if (parameter.init === "ones") data.fill(1);
    if (parameter.init === "he" || parameter.init === "normal") {
      const source = random(seed, "weights", parameter.name);
      const deviation = deviationOf(parameter, head);
      for (let index = 0; index < data.length; index++) data[index] = source.normal() * deviation;
    }
    state[parameter.name] = { shape: parameter.shape, data };
  }
  return state;
}

function deviationOf({ name, fanIn, deviation }: Parameter, head: string | null): number {
  return deviation ?? (name === head ? HEAD_DEVIATION : Math.sqrt(2 / fanIn));
}
