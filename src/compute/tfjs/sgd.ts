import * as tf from "@tensorflow/tfjs";
import type { SpecNamed } from "#train/optimizer.ts";

/** One parameter in a step; all three of the same shape. */
export interface Slot {
  readonly weight: tf.Tensor;
  /** The momentum buffer v; zeros before the first step. */
  readonly velocity: tf.Tensor;
  readonly gradient: tf.Tensor;
}

/**
 * torch.optim.SGD with rate and momentum as data: `controls` is `[lr, momentum]` on the device and is what the
 * arithmetic reads.
 *
 *     g ← g · min(1, clip_norm / (‖g‖ + 1e-6))    over all parameters, as clip_grad_norm_
 *     g ← g + weight_decay · w
 *     v ← momentum · v + g
 *     w ← w − lr · (g + momentum · v  if nesterov, else v)
 */
export function sgdUpdate(
  slots: readonly Slot[],
  controls: tf.Tensor1D,
  options: SpecNamed<"sgd">,
): { weight: tf.Tensor; velocity: tf.Tensor }[] {
  const lr = tf.slice(controls, [0], [1]);
  const momentum = tf.slice(controls, [1], [1]);
  const shrink = options.clip_norm === null ? null : clipFactor(slots, options.clip_norm);
  return slots.map(({ weight, velocity, gradient }) => {
    const clipped = shrink ? tf.mul(gradient, shrink) : gradient;
    const decayed = options.weight_decay === 0
      ? clipped
      : tf.add(clipped, tf.mul(weight, options.weight_decay));
    const moved = tf.add(tf.mul(velocity, momentum), decayed);
    const direction = options.nesterov ? tf.add(decayed, tf.mul(moved, momentum)) : moved;
    return { weight: tf.sub(weight, tf.mul(direction, lr)), velocity: moved };
  });
}

function clipFactor(slots: readonly Slot[], bound: number): tf.Tensor {
  const squares = tf.addN(slots.map(({ gradient }) => tf.sum(tf.square(gradient))));
  return tf.minimum(tf.div(bound, tf.add(tf.sqrt(squares), 1e-6)), 1);
}
