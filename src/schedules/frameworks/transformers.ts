import type { Ramp } from "./exports.ts";

/** The ramp of a schedule that stands alone. */
export const NO_RAMP = { steps: 0, from: 0 } as const;

/** The first reason for other rates under a warmup: `num_training_steps` is the whole run. */
export const countsWarmup = ({ steps }: Pick<Ramp, "steps">): string[] =>
  steps > 0 ? ["num_training_steps counts the warmup too"] : [];

/** A decay's length read as the total, which looks the same, and the total that is meant. */
export const totals = (decay: number, { steps }: Pick<Ramp, "steps">): number[] =>
  steps === 0 || decay <= steps ? [decay + steps] : [decay, decay + steps];
