import type { OptimizerSpec } from "#train/optimizer.ts";

/** Added to the gradient's norm before dividing by it, as `torch.nn.utils.clip_grad_norm_` does. */
export const CLIP_EPSILON = 1e-6;

/** A trainable parameter before a step, in float64. */
export interface Moving {
  readonly weight: Float64Array;
  readonly gradient: Float64Array;
  /** By name, as `compute/state.ts` lists them; zeros before the first step. */
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
 *     g ← g + weight_decay · w                          AdamW: w ← w − lr · weight_decay · w
 *     sgd      v ← momentum · v + g;  w ← w − lr · (nesterov ? g + momentum · v : v)
 *     adam     m ← β₁ m + (1 − β₁) g;  s ← β₂ s + (1 − β₂) g²
 *              w ← w − lr / (1 − β₁ⁿ) · m / (√s / √(1 − β₂ⁿ) + ε)      n: steps so far, this one included
 *     rmsprop  s ← α s + (1 − α) g²;  v ← momentum · v + g / (√s + ε);  w ← w − lr · v
 *
 * @param momentum SGD's and RMSProp's momentum, Adam's β₁.
 */
export function optimizerUpdate(
  parameters: readonly Moving[],
  optimizer: OptimizerSpec,
  momentum: number,
): Moved[] {
  const bound = optimizer.clip_value ?? Infinity;
  const clamp = (value: number) => value > bound ? bound : value < -bound ? -bound : value;
  const moving = parameters.filter(({ lr }) => lr !== null);
  const scale = optimizer.clip_norm === null ? 1 : Math.min(
    1,
    optimizer.clip_norm / (norm(moving.map(({ gradient }) => gradient.map(clamp))) + CLIP_EPSILON),
  );
  return parameters.map((parameter) => {
    if (parameter.lr === null) return { weight: parameter.weight, slots: parameter.slots };
    const decoupled = optimizer.name === "adamw";
    const decay = decoupled ? 0 : parameter.weightDecay;
    const shrink = decoupled ? 1 - parameter.lr * parameter.weightDecay : 1;
    const gradient = parameter.gradient.map((value, index) =>
      clamp(value) * scale + decay * parameter.weight[index]!
    );
    const { step, slots } = direction(optimizer, parameter, gradient, momentum);
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

/** What is multiplied by the rate, and the slots behind it. */
function direction(
  optimizer: OptimizerSpec,
  { slots, count }: Moving,
  gradient: Float64Array,
  momentum: number,
): { step: Float64Array; slots: Record<string, Float64Array> } {
  const slot = (name: string) => slots[name] ?? new Float64Array(gradient.length);
  const mixed = (old: Float64Array, keep: number, value: (g: number) => number) =>
    old.map((before, index) => keep * before + (1 - keep) * value(gradient[index]!));
  switch (optimizer.name) {
    case "sgd": {
      const velocity = slot("momentum").map((before, index) => momentum * before + gradient[index]!);
      const step = optimizer.nesterov
        ? gradient.map((value, index) => value + momentum * velocity[index]!)
        : velocity;
      return { step, slots: { momentum: velocity } };
    }
    case "adam":
    case "adamw": {
      const [, beta2] = optimizer.betas;
      const first = mixed(slot("first_moment"), momentum, (g) => g);
      const second = mixed(slot("second_moment"), beta2, (g) => g * g);
      const root = Math.sqrt(1 - beta2 ** count);
      const step = first.map((mean, index) =>
        mean / (1 - momentum ** count) / (Math.sqrt(second[index]!) / root + optimizer.eps)
      );
      return { step, slots: { first_moment: first, second_moment: second } };
    }
    case "rmsprop": {
      const square = mixed(slot("square_average"), optimizer.alpha, (g) => g * g);
      const step = slot("momentum").map((before, index) =>
        momentum * before + gradient[index]! / (Math.sqrt(square[index]!) + optimizer.eps)
      );
      return { step, slots: { square_average: square, momentum: step } };
    }
  }
}
