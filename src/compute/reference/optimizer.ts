import { entryOf, type OptimizerSpec } from "#train/optimizer.ts";

/** Added to the gradient's norm before dividing by it, as `torch.nn.utils.clip_grad_norm_` does. */
export const CLIP_EPSILON = 1e-6;

/** A trainable parameter before a step, in float64. */
export interface Moving {
  readonly weight: Float64Array;
  readonly gradient: Float64Array;
  /** By name, as the optimizer's entry lists them; absent ones are zero. */
  readonly slots: Readonly<Record<string, Float64Array>>;
  /** `null` where the parameter is frozen. */
  readonly lr: number | null;
  readonly weightDecay: number;
  /** Steps that the parameter has had, this one included; Adam's bias correction. */
  readonly count: number;
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
 */
export function optimizerUpdate(
  parameters: readonly Moving[],
  optimizer: OptimizerSpec,
  momentum: number,
): Moved[] {
  const entry = entryOf(optimizer);
  const decoupled = entry.decay === "decoupled";
  const bound = optimizer.clip_value ?? Infinity;
  const clamp = (value: number) => value > bound ? bound : value < -bound ? -bound : value;
  const moving = parameters.filter(({ lr }) => lr !== null);
  const scale = optimizer.clip_norm === null ? 1 : Math.min(
    1,
    optimizer.clip_norm / (norm(moving.map(({ gradient }) => gradient.map(clamp))) + CLIP_EPSILON),
  );
  return parameters.map((parameter) => {
    if (parameter.lr === null) return { weight: parameter.weight, slots: parameter.slots };
    const decay = decoupled ? 0 : parameter.weightDecay;
    const shrink = decoupled ? 1 - parameter.lr * parameter.weightDecay : 1;
    const gradient = parameter.gradient.map((value, index) =>
      clamp(value) * scale + decay * parameter.weight[index]!
    );
    const { step, slots } = entry.step({
      settings: optimizer,
      weight: parameter.weight,
      gradient,
      slots: withZeros(entry.slots, parameter),
      momentum,
      count: parameter.count,
    });
    const weight = parameter.weight.map((value, index) => shrink * value - parameter.lr! * step[index]!);
    return { weight, slots };
  });
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
