import { random } from "#lib/prng.ts";
import type { HostTensor, LearnerState } from "#train/learner.ts";
import { assertNever } from "#lib/assert_never.ts";
import type { Layer, Model } from "./model.ts";

/** A variable of a model. Statistics of batch norm are variables that no gradient reaches. */
export interface Parameter {
  /** `conv1/kernel`, `conv1/bias`, `norm1/gamma`, `norm1/moving_variance`, `dense/kernel` … */
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: "he" | "zeros" | "ones";
  /** Inputs that one output sums over; sets the spread of `he`. */
  readonly fanIn: number;
  readonly trainable: boolean;
}

/** What comes out of a layer for one image: `[height, width, channels]`, or `[features]` after the global pool. */
export type ActivationShape = readonly number[];

/**
 * Output shape of a layer. "same" pads so that the output has `ceil(in / stride)` rows, the odd pixel of padding
 * below and to the right; "valid" has `floor((in − kernel) / stride) + 1`.
 *
 * @throws {TypeError} where the layer does not fit its input.
 * @throws {RangeError} for a dropout rate outside 0 … 1.
 */
export function outputShape(layer: Layer, input: ActivationShape): ActivationShape {
  switch (layer.kind) {
    case "conv": {
      const [height, width] = spatial(layer, input);
      const rows = (size: number) =>
        layer.padding === "same"
          ? Math.ceil(size / layer.stride)
          : Math.floor((size - layer.kernel) / layer.stride) + 1;
      return positive(layer, [rows(height), rows(width), layer.filters]);
    }
    case "batch_norm":
    case "relu":
      return input;
    case "dropout":
      if (layer.rate >= 0 && layer.rate < 1) return input;
      throw new RangeError(`Layer ${layer.name} drops a share of ${layer.rate}: expected 0 to below 1`);
    case "max_pool": {
      const [height, width, channels] = spatial(layer, input);
      return positive(layer, [Math.floor(height / layer.size), Math.floor(width / layer.size), channels]);
    }
    case "global_average_pool":
      return [spatial(layer, input)[2]];
    case "dense":
      if (input.length !== 1) throw new TypeError(`Layer ${layer.name} needs [features], got [${input}]`);
      return [layer.units];
    case "residual": {
      const [main, shortcut] = [layer.main, layer.shortcut].map((branch) => stackShape(branch, input));
      if (`${main}` !== `${shortcut}`) {
        throw new TypeError(`Layer ${layer.name} cannot add [${shortcut}] to [${main}]`);
      }
      return main!;
    }
    default:
      return assertNever(layer);
  }
}

/** Output shape of layers one after the other. */
function stackShape(layers: readonly Layer[], input: ActivationShape): ActivationShape {
  return layers.reduce((shape, layer) => outputShape(layer, shape), input);
}

/** Every variable of a model, in the order of its layers. */
export function parametersOf(model: Model): Parameter[] {
  return parametersOfLayers(model.layers, model.input);
}

function parametersOfLayers(layers: readonly Layer[], input: ActivationShape): Parameter[] {
  const parameters: Parameter[] = [];
  let shape: ActivationShape = input;
  for (const layer of layers) {
    const channels = shape.at(-1)!;
    switch (layer.kind) {
      case "conv": {
        const fanIn = layer.kernel * layer.kernel * channels;
        const kernel = [layer.kernel, layer.kernel, channels, layer.filters];
        parameters.push({ name: `${layer.name}/kernel`, shape: kernel, init: "he", fanIn, trainable: true });
        if (layer.bias) parameters.push(vector(`${layer.name}/bias`, layer.filters, "zeros", true));
        break;
      }
      case "batch_norm":
        parameters.push(
          vector(`${layer.name}/gamma`, channels, "ones", true),
          vector(`${layer.name}/beta`, channels, "zeros", true),
          vector(`${layer.name}/moving_mean`, channels, "zeros", false),
          vector(`${layer.name}/moving_variance`, channels, "ones", false),
        );
        break;
      case "dense":
        parameters.push(
          {
            name: `${layer.name}/kernel`,
            shape: [channels, layer.units],
            init: "he",
            fanIn: channels,
            trainable: true,
          },
          vector(`${layer.name}/bias`, layer.units, "zeros", true),
        );
        break;
      case "residual":
        for (const branch of [layer.main, layer.shortcut]) {
          parameters.push(...parametersOfLayers(branch, shape));
        }
        break;
      case "relu":
      case "dropout":
      case "max_pool":
      case "global_average_pool":
        break;
      default:
        assertNever(layer);
    }
    shape = outputShape(layer, shape);
  }
  return parameters;
}

/**
 * Initial weights: normal with variance 2 / fanIn for kernels (He et al., 2015), zeros for biases, ones for scales.
 * Each variable draws from a stream of its own, so the same seed gives the same bits on every device.
 */
export function initialWeights(model: Model, seed: number): LearnerState {
  const state: Record<string, HostTensor> = {};
  for (const parameter of parametersOf(model)) {
    const data = new Float32Array(parameter.shape.reduce((product, size) => product * size, 1));
    if (parameter.init === "ones") data.fill(1);
    if (parameter.init === "he") {
      const source = random(seed, "weights", parameter.name);
      const deviation = Math.sqrt(2 / parameter.fanIn);
      for (let index = 0; index < data.length; index++) data[index] = source.normal() * deviation;
    }
    state[parameter.name] = { shape: parameter.shape, data };
  }
  return state;
}

function vector(name: string, size: number, init: "zeros" | "ones", trainable: boolean): Parameter {
  return { name, shape: [size], init, fanIn: size, trainable };
}

function spatial(layer: Layer, shape: ActivationShape): [number, number, number] {
  const [height, width, channels] = shape;
  if (height === undefined || width === undefined || channels === undefined) {
    throw new TypeError(`Layer ${layer.kind} needs [height, width, channels], got [${shape}]`);
  }
  return [height, width, channels];
}

function positive(layer: Layer, shape: number[]): number[] {
  if (shape.some((size) => size < 1)) throw new TypeError(`Layer ${layer.kind} leaves nothing: [${shape}]`);
  return shape;
}
