import type { RunShape } from "#lib/duration.ts";
import type { BuiltSchedule, ScheduleSpec } from "#schedules/schedule.ts";

/** What is known of a run beside its length; what is absent is unknown, and findings then say "if". */
export interface RunFacts {
  /** Name of the optimizer: `sgd`, `adam` … */
  readonly optimizer?: string;
  /** Bound on the gradient's norm; `null` for none. */
  readonly clipNorm?: number | null;
  /** Whether the optimizer's state is reset at restarts. */
  readonly resetsOptimizer?: boolean;
  /** Whether the model is kept at the end of each cycle. */
  readonly snapshots?: boolean;
  /** Steps after which a monotonic schedule stops improving, where that was measured. */
  readonly convergenceSteps?: number;
}

/** Something about a schedule in its run that is worth a change, or at least worth knowing. */
export interface Finding {
  /** Stable name of the rule. */
  readonly code: string;
  /** `warning`: most likely not what was meant. `note`: to know, or dependent on what is unknown here. */
  readonly severity: "warning" | "note";
  /** From the schedule that was checked to the one that this is about. */
  readonly path: readonly (string | number)[];
  /** One or two sentences with the figures of this run. */
  readonly why: string;
  /** The seed or paper behind the rule. */
  readonly source: string;
  /** The changed line that would mend it; `null` where nothing needs mending. */
  readonly mend: string | null;
}

/** A schedule anywhere in the one that is checked, with the stretch of the run in which it is active. */
export interface Node {
  readonly spec: ScheduleSpec;
  readonly path: readonly (string | number)[];
  readonly built: BuiltSchedule;
  /** Steps in which it is active, at its own steps 0 … length − 1. */
  readonly length: number;
  /** Whether it is active up to the end of the run. */
  readonly untilEnd: boolean;
}

/** A rule: what it finds at one schedule. */
export type Rule = (node: Node, shape: RunShape, facts: RunFacts) => Omit<Finding, "path">[];
