import type { Dropout, DropoutMask } from "../dropout_mask.ts";

/** Any layer, as far as everybody knows it: devices look its kernels up by its kind. */
export interface AnyLayer {
  readonly kind: string;
}

/** A variable of a model. Statistics of batch norm are variables that no gradient reaches. */
export interface Parameter {
  /** `conv1/kernel`, `conv1/bias`, `norm1/gamma`, `norm1/moving_variance`, `dense/kernel` … */
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: "he" | "normal" | "zeros" | "ones";
  /** Inputs that one output sums over; sets the spread of `he`. */
  readonly fanIn: number;
  /** Standard deviation of `normal`. */
  readonly deviation?: number;
  readonly trainable: boolean;
  /** True for vectors that are looked up, embeddings: a matrix in shape alone. */
  readonly table?: true;
}

/** The output of a layer for one image: `[height, width, channels]`, or `[features]` after the global pool. */
export type ActivationShape = readonly number[];

/** `[batch, height, width, channels]` */
export type ImageShape = readonly [number, number, number, number];

/** A pass of the float64 reference over a batch. */
export interface ReferencePass {
  readonly mode: "training" | "inference";
  /** A variable's values. @throws {RangeError} for one that the state lacks. */
  read(name: string): Float64Array;
  /** By trainable variable; backward passes write here. */
  readonly gradients: Record<string, Float64Array>;
  /** Statistics after the batch, by variable; forward passes in training mode write here. */
  readonly moving: Record<string, Float64Array>;
  /** Share of batch norm's moving statistics that stays. */
  readonly keep: number;
  /** Absent: nothing is dropped. */
  readonly dropoutMask?: DropoutMask | undefined;
  /** Layers one after the other; both shapes include the batch. */
  apply(
    layers: readonly AnyLayer[],
    input: Float64Array,
    shape: readonly number[],
  ): ReferenceStep & { readonly shape: readonly number[] };
}

/** A layer, or several, applied: the output, and how a gradient goes back through it. */
export interface ReferenceStep {
  readonly output: Float64Array;
  /** The loss's gradient for the input from that for the output. Nobody calls it in inference mode. */
  readonly backward: (outGradient: Float64Array) => Float64Array;
}

/** All that is known of a layer but its kernels, which each device has under the same kind. */
export interface LayerEntry<L extends AnyLayer> {
  readonly kind: L["kind"];
  /** One line. */
  readonly description: string;
  /**
   * Shape of its output for one image.
   *
   * @param through the output shape of layers one after the other, for layers that hold others.
   * @throws {TypeError} where the layer does not fit its input. @throws {RangeError} for a setting out of its range.
   */
  outputShape(
    layer: L,
    input: ActivationShape,
    through: (layers: readonly AnyLayer[]) => ActivationShape,
  ): ActivationShape;
  /** Its own variables, without those of its branches. Absent: none. */
  parameters?(layer: L, input: ActivationShape): readonly Parameter[];
  /** True where an output depends on inputs at later positions, which a language model has to predict. Absent: it does not. */
  looksAhead?(layer: L): boolean;
  /** What it drops while training. Absent, or undefined: nothing. */
  dropout?(layer: L): Dropout | undefined;
  /** The layers that it holds, branch by branch, each from the layer's own input on. Absent: none. */
  branches?(layer: L): readonly (readonly AnyLayer[])[];
  /** Forward and backward in float64: what every device is tested against. `shape` includes the batch. */
  apply(layer: L, input: Float64Array, shape: readonly number[], pass: ReferencePass): ReferenceStep;
}

/** A variable of one value for each channel. */
export function vector(name: string, size: number, init: "zeros" | "ones", trainable: boolean): Parameter {
  return { name, shape: [size], init, fanIn: size, trainable };
}

/** Standard deviation of the initial weights of embeddings, GPT-2's (Radford et al., 2019). */
const TABLE_DEVIATION = 0.02;

/** Trainable vectors, `[count, units]`, of which a layer looks some up. */
export function table(name: string, shape: readonly [count: number, units: number]): Parameter {
  return { name, shape, init: "normal", fanIn: 1, deviation: TABLE_DEVIATION, trainable: true, table: true };
}

/** @throws {TypeError} for a shape that is not an image's. */
export function spatial({ kind }: AnyLayer, shape: ActivationShape): [number, number, number] {
  const [height, width, channels] = shape;
  if (height === undefined || width === undefined || channels === undefined) {
    throw new TypeError(`Layer ${kind} needs [height, width, channels], got [${shape}]`);
  }
  return [height, width, channels];
}

/** @throws {TypeError} for a shape without values. */
export function positive({ kind }: AnyLayer, shape: number[]): number[] {
  if (shape.some((size) => size < 1)) throw new TypeError(`Layer ${kind} leaves nothing: [${shape}]`);
  return shape;
}
