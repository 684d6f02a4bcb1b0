/** The values that a number may take. */
export interface Range {
  readonly min?: number;
  /** As `min`, but excluded. */
  readonly above?: number;
  /** Excluded. */
  readonly below?: number;
}

/** A key of an optimizer in a spec. Plain data: the spec's check, its JSON Schema, docs and reports are derived from it. */
export type OptimizerParam =
  | { readonly kind: "number"; readonly default: number; readonly range: Range; readonly doc: string }
  /** Two numbers of one range. */
  | {
    readonly kind: "pair";
    readonly default: readonly [number, number];
    readonly range: Range;
    readonly doc: string;
  }
  /** `label` stands in reports, behind the key before it, where the value is true. */
  | { readonly kind: "boolean"; readonly default: boolean; readonly label: string; readonly doc: string };

export type OptimizerParams = Readonly<Record<string, OptimizerParam>>;

type ValueOf<P extends OptimizerParam> = P extends { readonly kind: "number" } ? number
  : P extends { readonly kind: "pair" } ? readonly [number, number]
  : boolean;

/** The values of an optimizer's own keys. */
export type SettingsOf<P extends OptimizerParams> = { readonly [K in keyof P]: ValueOf<P[K]> };

/** Numbers that an optimizer keeps beside its slots, by name. */
export type Scalars = Readonly<Record<string, number>>;

/** A step of one parameter tensor, in float64, after clipping and after a coupled weight decay. */
export interface StepInput<S> {
  readonly settings: S;
  /** Of the tensor: kernels are `[height, width, in, out]` or `[in, out]`. */
  readonly shape: readonly number[];
  /** True for the kernel of a hidden layer: neither a vector nor the last layer's. */
  readonly hidden: boolean;
  /** Of the parameter's elements, row-major; all arrays here have its length. */
  readonly weight: Float64Array;
  readonly gradient: Float64Array;
  /** By name; zeros before the first step. */
  readonly slots: Readonly<Record<string, Float64Array>>;
  /** The value of the key that a schedule's momentum moves, at this step. */
  readonly momentum: number;
  /** Steps that the parameter has had, this one included: 1 at the first. */
  readonly count: number;
  readonly lr: number;
  /** For a `decay` of the optimizer's own; the other kinds are done outside. */
  readonly weightDecay: number;
  /** See {@link OptimizerEntry.scalars}: after the last step, and for this one. */
  readonly scalars: { readonly before: Scalars; readonly after: Scalars };
}

export type StepOutput =
  & {
    /** Every slot after the step. */
    readonly slots: Readonly<Record<string, Float64Array>>;
  }
  & (
    /** The change of the weights divided by −rate: `w ← w − lr · step`. */
    | { readonly step: Float64Array }
    /** The weights after the step, for an optimizer with a decay of its own. */
    | { readonly weight: Float64Array }
  );

/** Numbers that each parameter group has for itself, and those in no group: they follow from rates and momenta, so that
 * the host computes them. All are 0 before the first step. */
export interface GroupScalars<S> {
  readonly kind: "group";
  readonly names: readonly string[];
  /** The numbers for this step from those of the last one. */
  advance(settings: S, before: Scalars, now: Pick<StepInput<S>, "lr" | "momentum" | "count">): Scalars;
}

/** Numbers that all parameters share: they follow from sums over every parameter that is not frozen. All are 0 before the
 * first step. A device adds the sums up where the gradients are. */
export interface SharedScalars<S> {
  readonly kind: "shared";
  readonly names: readonly string[];
  /** The parts that one tensor adds to each sum; `scalars.after` is that of the last step still. */
  sums(input: StepInput<S>): readonly number[];
  advance(settings: S, before: Scalars, sums: readonly number[]): Scalars;
}

/**
 * Stability of an optimizer on ½ wᵀHw: its steps diverge where the rate times the largest eigenvalue of P⁻¹H is above
 * `limit`. P, a diagonal matrix, is what steps are divided by.
 */
export interface Stability<S> {
  limit(settings: S, momentum: number): number;
  /** P's element of a weight, from the running average of its squared gradients after `count` steps; absent where P is 1. */
  readonly divisor?: (settings: S, momentum: number, count: number, average: number) => number;
}

/**
 * All that is known of an optimizer but its kernels, which each device has under the same name.
 *
 * `S` is the type of its own settings: see {@link defineOptimizer}.
 */
export interface OptimizerEntry<
  N extends string = string,
  P extends OptimizerParams = OptimizerParams,
  S = SettingsOf<P>,
> {
  /** As in a spec. */
  readonly name: N;
  /** One line. */
  readonly description: string;
  readonly reference: string;
  /** The class elsewhere that takes the same steps, for code that cannot be emitted: `lion_pytorch.Lion (pip install
   * lion-pytorch)`. Absent for the four that every framework has, which emitted code makes. */
  readonly elsewhere?: string;
  /** Its own keys, in the order of messages and docs. */
  readonly params: P;
  /** `coupled`: the decay times the weight is added to the gradient. `decoupled`: `w ← w − lr · decay · w` beside the step.
   * `own`: a part of the step. */
  readonly decay: "coupled" | "decoupled" | "own";
  /** Default of `weight_decay`. */
  readonly weightDecay: number;
  /** The setting that a schedule's momentum moves, as a spec writes it, and its value where no schedule does. */
  readonly momentum: { readonly key: string; of(settings: S): number };
  /**
   * Tensors beside each trainable parameter, in its shape. All exist from the learner's creation on, zero before the first
   * step, whatever the settings: a schedule may raise a momentum of 0 later.
   */
  readonly slots: readonly string[];
  /** True where twice the gradient makes twice the step, false where steps are divided by the gradient's size, or take its signs. */
  readonly followsGradient: boolean;
  /** Running average of squared gradients, where it keeps one, and what it is divided by to be without bias. */
  readonly secondMoment: {
    readonly slot: string;
    correction(settings: S, count: number): number;
  } | null;
  /** Where steps begin to diverge on a quadratic loss; `null` for steps whose size does not follow the gradient's, or where
   * it is not known. */
  readonly stability: Stability<S> | null;
  /** Absent: no numbers are kept beside the slots. */
  readonly scalars?: GroupScalars<S> | SharedScalars<S>;
  /** Numbers of a step that depend on `count`, and on scalars of a group, alone beside settings and momentum; hosts compute
   * them for the kernels. */
  constants(
    settings: S,
    momentum: number,
    count: number,
    scalars: StepInput<S>["scalars"],
  ): readonly number[];
  /** The weights that the model is judged by, where they are not those whose gradient is taken. */
  readonly judged?: (parameter: {
    readonly weight: Float32Array;
    readonly slots: Readonly<Record<string, Float32Array>>;
    readonly scalars: Scalars;
  }) => Float32Array;
  /** The conflict between settings whose values are each allowed: a key and the rest of a sentence; `null` for none. */
  readonly conflict?: (settings: S) => { readonly key: string; readonly message: string } | null;
  /** One step in float64: what every device's kernel is tested against. */
  step(input: StepInput<S>): StepOutput;
}

/** An entry with its types inferred: names and kinds of keys stay literal. */
export function defineOptimizer<const N extends string, const P extends OptimizerParams>(
  entry: OptimizerEntry<N, P>,
): OptimizerEntry<N, P> {
  return entry;
}

/** `keep · average + (1 − keep) · value`, element by element. */
export function runningAverage(average: Float64Array, keep: number, values: Float64Array): Float64Array {
  return average.map((before, index) => keep * before + (1 - keep) * values[index]!);
}
