import { entryOf, type OptimizerSpec } from "#train/optimizer.ts";
import type { Scalars, StepInput, StepOutput } from "#train/optimizers/entry.ts";

/** Added to the gradient's norm before dividing by it, as `torch.nn.utils.clip_grad_norm_` does. */
export const CLIP_EPSILON = 1e-6;

/** A trainable parameter before a step, in float64. */
export interface Moving {
  readonly weight: Float64Array;
  readonly shape: readonly number[];
  /** True for the kernel of a hidden layer. */
  readonly hidden: boolean;
  readonly gradient: Float64Array;
  /** By name, as the optimizer's entry lists them; absent ones are zero. */
  readonly slots: Readonly<Record<string, Float64Array>>;
  /** `null` where the parameter is frozen. */
  readonly lr: number | null;
  readonly weightDecay: number;
  /** Steps that the parameter has had, this one included; Adam's bias correction. */
  readonly count: number;
  /** The place of its group's numbers among {@link Numbers}. */
  readonly set: number;
}

/** The numbers beside the slots that a step takes, set by set; see `compute/scalars.ts`. */
export interface Numbers {
  readonly before: readonly Scalars[];
  readonly after: readonly Scalars[];
}

export interface Moved {
  readonly weight: Float64Array;
  readonly slots: Readonly<Record<string, Float64Array>>;
}

/**
 * One step in float64, parameter by parameter, as torch.optim's optimizers apply it after clipping. Frozen
 * parameters stay as they are and are no part of the gradient's norm.
 *
 *     g ← clamp(g, −clip_value, clip_value)             where clip_value is given
 *     g ← g · min(1, clip_norm / (‖all g‖ + 1e-6))      where clip_norm is given
 *     g ← g + weight_decay · w                          decoupled: w ← w − lr · weight_decay · w
 *     w ← w − lr · step                                 step: the formula of the optimizer's entry
 *
 * @param momentum the value of the setting that the entry's `momentum` names.
 * @param numbers those of groups; shared ones before the step alone, since the sums follow from the gradients here.
 * @returns the parameters, and the shared numbers after the step, where the optimizer has some.
 */
export function optimizerUpdate(
  parameters: readonly Moving[],
  optimizer: OptimizerSpec,
  momentum: number,
  numbers: Numbers = { before: [], after: [] },
): { readonly moved: Moved[]; readonly shared: Scalars } {
  const { scalars, slots, step, decay } = entryOf(optimizer);
  const inputs = clipped(parameters, optimizer).map((parameter): StepInput<OptimizerSpec> | null => {
    const { lr, set, weightDecay, weight, gradient } = parameter;
    if (lr === null) return null;
    const coupled = decay === "coupled" ? weightDecay : 0;
    const before = numbers.before[set] ?? {};
    return {
      ...parameter,
      settings: optimizer,
      lr,
      momentum,
      gradient: gradient.map((value, index) => value + coupled * weight[index]!),
      slots: withZeros(slots, parameter),
      scalars: { before, after: numbers.after[set] ?? before },
    };
  });
  const moving = inputs.filter((input) => input !== null);
  const shared = scalars?.kind === "shared"
    ? scalars.advance(optimizer, numbers.before[0]!, added(moving.map((input) => scalars.sums(input))))
    : {};
  const moved = parameters.map(({ weight, slots }, index) => {
    const input = inputs[index]!;
    if (!input) return { weight, slots };
    const { before, after } = input.scalars;
    const now = { before, after: scalars?.kind === "shared" ? shared : after };
    return applied(input, step({ ...input, scalars: now }), decay === "decoupled");
  });
  return { moved, shared };
}

/** The weights after a step. */
function applied(
  { weight, lr, weightDecay }: StepInput<OptimizerSpec>,
  { slots, ...change }: StepOutput,
  decoupled: boolean,
): Moved {
  if ("weight" in change) return { weight: change.weight, slots };
  const shrink = decoupled ? 1 - lr * weightDecay : 1;
  return { weight: weight.map((value, index) => shrink * value - lr * change.step[index]!), slots };
}

/** The parameters with their gradients clamped and scaled. */
function clipped(parameters: readonly Moving[], { clip_value, clip_norm }: OptimizerSpec): Moving[] {
  const bound = clip_value ?? Infinity;
  const clamp = (value: number) => value > bound ? bound : value < -bound ? -bound : value;
  const clamped = parameters.map((parameter) => ({ ...parameter, gradient: parameter.gradient.map(clamp) }));
  if (clip_norm === null) return clamped;
  const moving = clamped.filter(({ lr }) => lr !== null);
  const scale = Math.min(1, clip_norm / (norm(moving.map(({ gradient }) => gradient)) + CLIP_EPSILON));
  return clamped.map((parameter) => ({
    ...parameter,
    gradient: parameter.gradient.map((value) => value * scale),
  }));
}

/** Sums of several tensors, sum by sum. */
function added(sums: readonly (readonly number[])[]): number[] {
  return sums.reduce<number[]>(
    (total, each) => each.map((value, index) => value + (total[index] ?? 0)),
    [],
  );
}

/** Global norm over several arrays. */
export function norm(arrays: readonly Float64Array[]): number {
  return Math.sqrt(
    arrays.reduce((sum, array) => array.reduce((total, value) => total + value * value, sum), 0),
  );
}

/** All slots of a parameter, zeros where it has had none. */
function withZeros(names: readonly string[], { weight, slots }: Moving): Record<string, Float64Array> {
  return Object.fromEntries(names.map((name) => [name, slots[name] ?? new Float64Array(weight.length)]));
}
