import type { NoisyQuadratic } from "./quadratic.ts";

/** Draws of the gradient's noise: mean 0, variance 1. */
export type Noise = () => number;

/** Rates and momentum of one arm. */
export interface Arm {
  /** The rate of each step. */
  readonly rates: Float64Array;
  /** 0 if not given. */
  readonly momentum?: number;
  /** From this step on the mean of the x since then takes the place of x; never if not given. */
  readonly averageFrom?: number;
}

export interface ChainOptions {
  readonly chains: number;
  /** Steps after which x is recorded, ascending; 1 is after the first. */
  readonly keep: readonly number[];
  readonly noise: Noise;
}

/**
 * Runs many independent chains of SGD on a noisy quadratic. Arms see the same noise, so that they can be compared in
 * pairs: chain 7 of one arm with chain 7 of another.
 *
 * @returns x by arm, then by recorded step: arrays of [chains]
 * @throws {RangeError} where a step to record lies outside an arm's rates.
 */
export function runChains(
  problem: NoisyQuadratic,
  arms: readonly Arm[],
  { chains, keep, noise }: ChainOptions,
): Float64Array[][] {
  const last = keep.at(-1) ?? 0;
  for (const { rates } of arms) {
    if (rates.length < last) {
      throw new RangeError(`Cannot record step ${last} of an arm of ${rates.length} steps`);
    }
  }
  const drawn = new Float64Array(chains);
  const states = arms.map(() => ({
    x: new Float64Array(chains).fill(problem.start),
    v: new Float64Array(chains),
    sum: new Float64Array(chains),
  }));
  const kept: Float64Array[][] = arms.map(() => []);
  const recorded = new Set(keep);
  for (let step = 0; step < last; step++) {
    for (let chain = 0; chain < chains; chain++) drawn[chain] = problem.noise * noise();
    const keeps = recorded.has(step + 1);
    arms.forEach((arm, index) => {
      const state = states[index]!;
      update(state.x, state.v, drawn, problem.curvature, arm.rates[step]!, arm.momentum ?? 0);
      const averaged = step + 1 - (arm.averageFrom ?? Infinity);
      if (averaged > 0) add(state.sum, state.x);
      if (keeps) kept[index]!.push(averaged > 0 ? state.sum.map((sum) => sum / averaged) : state.x.slice());
    });
  }
  return kept;
}

function update(
  x: Float64Array,
  v: Float64Array,
  noise: Float64Array,
  curvature: number,
  rate: number,
  momentum: number,
): void {
  for (let chain = 0; chain < x.length; chain++) {
    v[chain] = momentum * v[chain]! + curvature * x[chain]! + noise[chain]!;
    x[chain]! -= rate * v[chain]!;
  }
}

function add(sum: Float64Array, x: Float64Array): void {
  for (let chain = 0; chain < sum.length; chain++) sum[chain]! += x[chain]!;
}
