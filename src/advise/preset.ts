import type { OptimizerChoice } from "#schedules/frameworks/optimizer.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

/** A schedule with the setup that it is known from. */
export interface Preset {
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  readonly schedule: ScheduleSpec;
  /** Length of the run that it is made for. */
  readonly duration: string;
  /** The usual optimizer of the task; a rate belongs to its optimizer. */
  readonly optimizer: OptimizerChoice;
  /** Bound on the gradient's norm that goes with it, or `null`. */
  readonly clipNorm: number | null;
  readonly why: string;
  readonly source: string;
}

export const warmupCosine = (duration: string, lr: number, eta_min: number, T_max: string): ScheduleSpec => ({
  name: "warmup",
  duration,
  then: { name: "cosine", lr, eta_min, T_max },
});
