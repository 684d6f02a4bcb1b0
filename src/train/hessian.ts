import { norm } from "#lib/norm.ts";
import { random } from "#lib/prng.ts";
import type { HessianEvent } from "./events.ts";
import { type Eigenvalue, largestEigenvalue } from "./lanczos.ts";
import type { Batch, Controls, Gradients, Learner, LearnerState } from "./learner.ts";
import { entryOf, type OptimizerSpec } from "./optimizer.ts";

/** Measurements of the largest eigenvalue of the Hessian of the training loss. */
export interface HessianPlan {
  /** Steps from the run's first on within which they are taken, and steps between two of them. */
  readonly steps: number;
  readonly every: number;
  /** The images whose mean loss it is of. */
  readonly batch: Batch;
  /** The most Hessian-vector products that one may take. */
  readonly products: number;
  /** Residual, as a share of the eigenvalue, that ends a measurement; {@link TOLERANCE} if not given. */
  readonly tolerance?: number;
  /** Of the first vector. */
  readonly seed: number;
  readonly optimizer: OptimizerSpec;
  /** Trainable parameters. */
  readonly trainable: readonly string[];
}

/**
 * Norm of the change of the weights on either side, as a share of their norm. Not smaller: ReLU and max-pool make the
 * gradient jump, flat parts of images make many pixels jump at once, and over a short distance the quotient is that of one
 * jump. In cnn-tiny on shapes-16 the eigenvalue that a hundredth of this distance finds is 2 to 4 times the right one, a
 * ten-thousandth finds 20 to 400 times, in 64 bits as in 32; this distance, which is that of a step in training, finds
 * 0.97 to 1.2 times. 32 bits would allow a hundredth: their error there is 1e-5 of the eigenvalue.
 */
const DIFFERENCE = 1e-2;
/** Residual, as a share of the eigenvalue, that is small enough: its own error goes with the residual's square. */
export const TOLERANCE = 0.05;

/**
 * The largest eigenvalue at the weights as they are, and where the next step's rate begins to diverge on a quadratic loss;
 * `null` for an optimizer that divides by averages and has none yet. The learner's state is then what it was before, bit
 * for bit.
 *
 * @param next the step that comes next, counted from the first run of the lineage, its rate and momentum, and the weights
 * of the loss's components: the loss whose Hessian it is.
 */
export async function measureHessian(
  learner: Pick<Learner, "save" | "load" | "gradients">,
  plan: HessianPlan,
  next: { readonly step: number } & Pick<Controls, "lr" | "momentum" | "lossWeights">,
): Promise<HessianEvent | null> {
  const { optimizer, batch, seed, products, tolerance = TOLERANCE } = plan;
  const { stability } = entryOf(optimizer);
  const state = await learner.save();
  const scales = scalesOf(plan, state, next.momentum);
  if (scales === null) return null;
  const around = new Around(learner, plan, state, next.lossWeights);
  const found = await largestEigenvalue(
    async (vector) => scaled(await around.product(scaled(vector, scales)), scales),
    { size: scales.length, source: random(seed, "hessian"), products, tolerance },
  );
  await learner.load(state);
  const { lr, momentum } = next;
  return {
    kind: "hessian",
    step: next.step,
    ...shortened(found),
    products: found.products,
    preconditioned: stability?.divisor !== undefined,
    limit: stability && lr > 0 ? shortest(stability.limit(optimizer, momentum) / lr) : null,
    images: batch.indices.length,
  };
}

/**
 * P^(−1/2) of each trainable weight, so that products are those of P^(−1/2) H P^(−1/2), whose eigenvalues are those of
 * P⁻¹H; `null` before the optimizer's first step, when its averages are empty. A weight that never had a gradient does not
 * move: 0, not 1/ε, which the first kink that a difference crosses would show as curvature.
 */
function scalesOf(
  { optimizer, trainable }: HessianPlan,
  state: LearnerState,
  momentum: number,
): Float64Array | null {
  const { stability, secondMoment } = entryOf(optimizer);
  const divisor = stability?.divisor;
  if (!divisor || !secondMoment) {
    return new Float64Array(trainable.reduce((sum, name) => sum + state[name]!.data.length, 0)).fill(1);
  }
  const count = state["optimizer/steps"]!.data[0]!;
  if (count === 0) return null;
  return joined(trainable.map((name) =>
    Float64Array.from(
      state[`${name}/${secondMoment.slot}`]!.data,
      (average) => average === 0 ? 0 : 1 / Math.sqrt(divisor(optimizer, momentum, count, average)),
    )
  ));
}

/** Products with the Hessian at the weights of a state, by central differences of gradients. */
class Around {
  readonly #learner: Pick<Learner, "load" | "gradients">;
  readonly #plan: HessianPlan;
  readonly #state: LearnerState;
  readonly #lossWeights: Controls["lossWeights"] | undefined;
  readonly #norm: number;

  constructor(
    learner: Pick<Learner, "load" | "gradients">,
    plan: HessianPlan,
    state: LearnerState,
    lossWeights: Controls["lossWeights"] | undefined,
  ) {
    this.#lossWeights = lossWeights;
    this.#learner = learner;
    this.#plan = plan;
    this.#state = state;
    this.#norm = norm(joined(plan.trainable.map((name) => state[name]!.data)));
  }

  async product(direction: Float64Array): Promise<Float64Array> {
    const length = norm(direction);
    // All weights may be 0, and so may a direction.
    const distance = DIFFERENCE * (this.#norm || 1) / (length || 1);
    const ahead = await this.#gradients(direction, distance);
    const behind = await this.#gradients(direction, -distance);
    return ahead.map((value, at) => (value - behind[at]!) / (2 * distance));
  }

  async #gradients(direction: Float64Array, distance: number): Promise<Float64Array> {
    const { trainable, batch } = this.#plan;
    let offset = 0;
    const moved = trainable.map((name) => {
      const { shape, data } = this.#state[name]!;
      const from = offset;
      offset += data.length;
      return [name, {
        shape,
        data: data.map((value, at) => value + distance * direction[from + at]!),
      }] as const;
    });
    await this.#learner.load({ ...this.#state, ...Object.fromEntries(moved) });
    const gradients: Gradients = await this.#learner.gradients(batch, this.#lossWeights);
    return joined(trainable.map((name) => gradients[name]!));
  }
}

function joined(parts: readonly ArrayLike<number>[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function scaled(vector: Float64Array, scales: Float64Array): Float64Array {
  return vector.map((value, at) => value * scales[at]!);
}

/** Measurements in 32 bits have no more than six digits. */
const shortest = (value: number) => Number(value.toPrecision(6));
const shortened = ({ value, residual }: Eigenvalue) => ({
  eigenvalue: shortest(value),
  residual: shortest(residual),
});
