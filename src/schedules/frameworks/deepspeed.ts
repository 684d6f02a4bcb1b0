import type { Ramp } from "./exports.ts";

/** DeepSpeed's keys for a linear warmup to `lr`. */
export const warmupOf = ({ steps, from }: Pick<Ramp, "steps" | "from">, lr: number) => ({
  warmup_min_lr: from,
  warmup_max_lr: lr,
  warmup_num_steps: steps,
  warmup_type: "linear",
});

/** Reason for other rates in DeepSpeed: the first update comes before its first step. */
export const ONE_BEHIND = "DeepSpeed's schedule starts after the first update, so it is one step behind";
