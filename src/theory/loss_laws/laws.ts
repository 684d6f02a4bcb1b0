import type { Places } from "./places.ts";

export const LAW_NAMES = ["multi-power", "momentum"] as const;
export type LawName = typeof LAW_NAMES[number];

/** Typical sizes of a set of curves: the largest rate, and the steps of a run. */
export interface Units {
  readonly rate: number;
  readonly steps: number;
}

/** A formula for the loss under any schedule. */
export interface LossLaw {
  readonly name: LawName;
  readonly source: string;
  /** Names of its parameters, in order; all above 0. */
  readonly parameters: readonly string[];
  /** The loss at each of the places. A point with no rate before it has an infinite loss. */
  predict(parameters: readonly number[], places: Places): Float64Array;
  /** Parameters from those that a fit moves, which have no unit: logarithms of values near 1. */
  fromFree(free: readonly number[], units: Units): number[];
  /** Values that a fit begins at, and bounds, each before the logarithm; the first is a share of the lowest loss. */
  readonly starts: readonly (readonly number[])[];
  readonly bounds: readonly (readonly [number, number])[];
}

/**
 * Luo et al., 2025 (arXiv:2503.12811), equation 1, with S(n) the sum of the first n rates:
 *
 *     L(n) = L₀ + A·S(n)^(−α) − B·Σ_{0<k<n} (η_{k−1} − η_k)·[1 − (1 + C·η_k^(−γ)·(S(n) − S(k)))^(−β)]
 *
 * A warmup's sum is part of S, as in the published code; rises of the rate count as drops below 0.
 */
const MULTI_POWER: LossLaw = {
  name: "multi-power",
  source: "Luo et al., 2025, arXiv:2503.12811",
  parameters: ["L0", "A", "alpha", "B", "C", "beta", "gamma"],
  predict(parameters, places) {
    const [L0, A, alpha, B, C, beta, gamma] = parameters as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const speeds = places.changes.rates.map((rate) => C * rate ** -gamma);
    return laid(places, L0, A, alpha, (point, change) => {
      const since = places.sums[point]! - places.changes.sums[change]!;
      // At the rate 0 nothing follows, however fast.
      return since <= 0 ? 0 : B * (1 - (1 + speeds[change]! * since) ** -beta);
    });
  },
  fromFree(free, { rate, steps }) {
    const [L0, A, alpha, B, C, beta, gamma] = free.map(Math.exp) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return [L0, A * (rate * steps) ** alpha, alpha, B / rate, C / (rate ** (1 - gamma) * steps), beta, gamma];
  },
  starts: product([0.5, 0.9], [0.2], [0.4], [0.1], [20, 1000], [0.5], [0.5]),
  bounds: [[1e-3, 3], [1e-4, 1e3], [0.02, 3], [1e-4, 1e3], [1e-2, 1e6], [0.02, 4], [1e-3, 2]],
};

/**
 * Tissue et al., 2024 (arXiv:2408.11029), equation 1, with their double sum in closed form:
 *
 *     L(n) = L₀ + A·S(n)^(−α) − C·Σ_{0<k<n} (η_{k−1} − η_k)·(1 − λ^(n−k)) / (1 − λ)
 */
const MOMENTUM: LossLaw = {
  name: "momentum",
  source: "Tissue et al., 2024, arXiv:2408.11029",
  parameters: ["L0", "A", "alpha", "C", "lambda"],
  predict(parameters, places) {
    const [L0, A, alpha, C, lambda] = parameters as [number, number, number, number, number];
    const decay = Math.log(lambda);
    const scale = C / Math.expm1(decay);
    return laid(places, L0, A, alpha, (point, change) => {
      const since = places.steps[point]! - places.changes.steps[change]!;
      return since <= 0 ? 0 : scale * Math.expm1(decay * since);
    });
  },
  fromFree(free, { rate, steps }) {
    const [L0, A, alpha, C, speed] = free.map(Math.exp) as [number, number, number, number, number];
    return [L0, A * (rate * steps) ** alpha, alpha, C / (rate * steps), Math.exp(-speed / steps)];
  },
  starts: product([0.5, 0.9], [0.2], [0.4], [0.3], [3, 30]),
  bounds: [[1e-3, 3], [1e-4, 1e3], [0.02, 3], [1e-4, 1e4], [1e-2, 1e4]],
};

export const LOSS_LAWS: Readonly<Record<LawName, LossLaw>> = {
  "multi-power": MULTI_POWER,
  "momentum": MOMENTUM,
};

/** L₀ + A·S^(−α) minus what each change before a point has brought by then. */
function laid(
  { steps, sums, changes }: Places,
  L0: number,
  A: number,
  alpha: number,
  gain: (point: number, change: number) => number,
): Float64Array {
  return steps.map((step, point) => {
    let loss = L0 + A * sums[point]! ** -alpha;
    for (let change = 0; change < changes.steps.length && changes.steps[change]! < step; change++) {
      loss -= changes.drops[change]! * gain(point, change);
    }
    return loss;
  });
}

/** Every combination of one value from each list. */
function product(...lists: readonly (readonly number[])[]): number[][] {
  return lists.reduce<number[][]>(
    (heads, list) => heads.flatMap((head) => list.map((value) => [...head, value])),
    [[]],
  );
}
