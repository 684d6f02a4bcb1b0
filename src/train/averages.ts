import type { CyclePosition } from "#schedules/schedule.ts";

/** An average of the weights beside those in training. */
export type AveragePlan =
  /** Exponential: `average += (1 − decay) · (weights − average)` every `every` steps, from step `from` on. */
  | {
    readonly kind: "ema";
    readonly name: string;
    readonly decay: number;
    readonly from: number;
    readonly every: number;
  }
  /** Stochastic weight averaging: the mean of the weights after every `every`-th step from step `from` on. */
  | { readonly kind: "swa"; readonly name: string; readonly from: number; readonly every: number }
  /** The mean over the part of each cycle after its share `from` (0 … 1), every `every` steps; each is retained. */
  | { readonly kind: "cycle"; readonly name: string; readonly from: number; readonly every: number };

/**
 * True where an average takes the weights after step `step`. `cycle` is the step's place, for averages of cycles.
 * Counting begins with the first step of its range, so that with `every` 10 the tenth of them is the first taken.
 */
export function isDue(average: AveragePlan, step: number, cycle: CyclePosition | null): boolean {
  const taken = average.kind === "cycle"
    ? cycle === null ? 0 : cycle.position - Math.ceil(average.from * cycle.length) + 1
    : step - average.from + 1;
  return taken > 0 && taken % average.every === 0;
}

/** Weight of the new sample in the running average, after `taken` samples: the share of `learner.average`. */
export function shareOf(average: AveragePlan, taken: number): number {
  if (taken === 0) return 1;
  return average.kind === "ema" ? 1 - average.decay : 1 / (taken + 1);
}
