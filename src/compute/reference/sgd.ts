import type { Controls, OptimizerSpec } from "#train/learner.ts";

/** Added to the gradient's norm before dividing by it, as `torch.nn.utils.clip_grad_norm_` does. */
export const CLIP_EPSILON = 1e-6;

type Variables = Readonly<Record<string, Float64Array>>;

/** Weights and velocities after an update, by variable. */
export interface SgdResult {
  readonly weights: Variables;
  readonly velocities: Variables;
}

/**
 * One update of stochastic gradient descent, in float64, as torch.optim.SGD applies it after clipping:
 *
 *     g ← g · min(1, clip_norm / (‖all g‖ + 1e-6))     where clip_norm is not null
 *     g ← g + weight_decay · w
 *     v ← momentum · v + g                             zero before the first update
 *     w ← w − lr · (nesterov ? g + momentum · v : v)
 */
export function sgdUpdate(
  variables: { weights: Variables; gradients: Variables; velocities: Variables },
  optimizer: OptimizerSpec,
  { lr, momentum }: Controls,
): SgdResult {
  const { weights, gradients, velocities } = variables;
  const clip = clipFactor(Object.values(gradients), optimizer.clip_norm);
  const newWeights: Record<string, Float64Array> = {};
  const newVelocities: Record<string, Float64Array> = {};
  for (const [name, gradient] of Object.entries(gradients)) {
    const weight = weights[name]!;
    const old = velocities[name] ?? new Float64Array(weight.length);
    const decayed = gradient.map((value, index) => value * clip + optimizer.weight_decay * weight[index]!);
    const velocity = decayed.map((value, index) => momentum * old[index]! + value);
    const step = optimizer.nesterov
      ? decayed.map((value, index) => value + momentum * velocity[index]!)
      : velocity;
    newWeights[name] = weight.map((value, index) => value - lr * step[index]!);
    newVelocities[name] = velocity;
  }
  return { weights: newWeights, velocities: newVelocities };
}

function clipFactor(gradients: readonly Float64Array[], bound: number | null): number {
  if (bound === null) return 1;
  const squares = gradients.reduce(
    (sum, gradient) => gradient.reduce((total, value) => total + value * value, sum),
    0,
  );
  return Math.min(1, bound / (Math.sqrt(squares) + CLIP_EPSILON));
}
