import type { LossWeights } from "./loss_weights.ts";

/** Keys of `adaptive_dynamic_hybrid` in a spec. */
export interface DynamicHybrid {
  /** Evaluations in a row without improvement before weight moves. */
  readonly patience: number;
  /** Smallest rise of validation Dice that counts as an improvement, as a fraction of 1. */
  readonly threshold: number;
  /** Weight that moves at once. */
  readonly shift: number;
  /** Weight that the first component keeps. */
  readonly least: number;
}

/** Plain data for the checkpoint. `best` is `null` before the first usable value. */
export interface DynamicState {
  readonly best: number | null;
  readonly bad: number;
  readonly weights: readonly number[];
}

/**
 * Begins with the first component alone. After `patience` evaluations in a row in which Dice has not risen by more than
 * `threshold` above the best, `shift` of the weight goes from the first component to the one that has least, the earlier of
 * equals, as long as the first keeps `least`. NaN is no improvement.
 */
export function dynamicHybrid(
  { patience, threshold, shift, least }: DynamicHybrid,
  components: number,
): LossWeights<DynamicState> {
  return {
    at: (_step, { weights }) => weights,
    feedback: {
      init: () => ({
        best: null,
        bad: 0,
        weights: Array.from({ length: components }, (_, place) => Number(place === 0)),
      }),
      observe(state, metric) {
        if (metric > (state.best ?? -Infinity) + (state.best === null ? 0 : threshold)) {
          return { ...state, best: metric, bad: 0 };
        }
        if (state.bad + 1 < patience) return { ...state, bad: state.bad + 1 };
        return { ...state, bad: 0, weights: moved(state.weights, shift, least) };
      },
    },
  };
}

function moved(weights: readonly number[], shift: number, least: number): readonly number[] {
  const [first, ...others] = weights as [number, ...number[]];
  // Sums of tenths carry rounding: what is left of it is no weight.
  const amount = Math.min(shift, Math.max(0, first - least));
  if (amount < 1e-9) return weights;
  const to = 1 + others.indexOf(Math.min(...others));
  return weights.map((weight, place) =>
    place === 0 ? weight - amount : place === to ? weight + amount : weight
  );
}
