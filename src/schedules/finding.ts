import type { RunShape } from "../lib/duration.ts";
import type { Params, Plain } from "./param_types.ts";
import type { BuiltSchedule, ScheduleSpec } from "./schedule.ts";

/** Facts of a run beside its length; what is absent is unknown, and findings then say "if". */
export interface RunFacts {
  /** Name of the optimizer: `sgd`, `adam` … */
  readonly optimizer?: string;
  /** Bound on the gradient's norm; `null` for none. */
  readonly clipNorm?: number | null;
  /** True where the optimizer's state is reset at restarts. */
  readonly resetsOptimizer?: boolean;
  /** True where the model is saved at the end of each cycle. */
  readonly snapshots?: boolean;
  /** Steps after which a monotonic schedule stops improving, where that was measured. */
  readonly convergenceSteps?: number;
  /** Steps between two evaluations on validation data; an epoch where absent. */
  readonly evalEvery?: number;
  /** Batches in a step. */
  readonly accumulate?: number;
  /** The step at which early stopping is expected to end the run. */
  readonly stopsAt?: number;
}

/** A place in a schedule, from the schedule that a rule looks at. */
export type Place = readonly (string | number)[];

/** A change that may resolve a finding, as data, so that the linter can try it. */
export type Suggestion =
  /** Values put at places of the schedule; `undefined` takes a key away. */
  | { readonly kind: "set"; readonly changes: readonly (readonly [place: Place, value: unknown])[] }
  /** Another schedule in the place of this one. */
  | { readonly kind: "replace"; readonly schedule: ScheduleSpec }
  /** Another setting of the run; `text` is how a spec or a command writes it. */
  | {
    readonly kind: "run";
    readonly facts: RunFacts;
    readonly totalSteps?: number;
    readonly text: string;
  };

/** A suggestion that sets keys of the schedule itself. */
export const set = (values: Readonly<Record<string, unknown>>): Suggestion => ({
  kind: "set",
  changes: Object.entries(values).map(([key, value]) => [[key], value] as const),
});

/** A finding as a rule raises it: with the changes to try, the best first; empty where nothing needs a change. */
export type Raised = Omit<Finding, "path" | "suggestion" | "change"> & {
  readonly suggestions: readonly Suggestion[];
  /** True for what is worth knowing and asks for no change. */
  readonly isFact?: true;
};

/** A point about a schedule in its run that is worth a change, or at least worth knowing. */
export interface Finding {
  /** Stable name of the rule. */
  readonly code: string;
  /** `warning`: most likely not what was meant. `note`: to know, or dependent on what is unknown here. */
  readonly severity: "warning" | "note";
  /** From the schedule that was checked to the one that this is about. */
  readonly path: readonly (string | number)[];
  /** One or two sentences with the figures of this run. */
  readonly why: string;
  /** The document or paper behind the rule. */
  readonly source: string;
  /** The first of the rule's changes that, tried, removes the finding and adds none; `null` where none does. */
  readonly change: Suggestion | null;
  /** The change as a spec writes it; `null` without one. */
  readonly suggestion: string | null;
}

/** A schedule anywhere in the one that is checked, with the stretch of the run in which it is active. */
export interface Node<P extends Params = Params> {
  readonly spec: ScheduleSpec;
  readonly path: readonly (string | number)[];
  readonly values: Plain<P>;
  readonly built: BuiltSchedule;
  /** Steps in which it is active, at its own steps 0 … length − 1. */
  readonly length: number;
  /** True where it is active up to the end of the run. */
  readonly untilEnd: boolean;
  readonly shape: RunShape;
  readonly facts: RunFacts;
  /** The step from its own start at which it comes to its end; `null` for one that has none. */
  readonly end: number | null;
  /** The schedules directly inside that are reached, each in its own stretch. */
  readonly inner: readonly Node[];
}

/** A rule of the linter: its findings at one schedule. */
export type Rule<P extends Params = Params> = (node: Node<P>) => Raised[];

/** The cycles of a schedule, as the rules about restarts see them. */
export interface Cycling<Key extends string = string> {
  /** The key that sets the length of the first cycle, or a part of it. */
  readonly lengthKey: Key;
  /** The part of the first cycle that `lengthKey` sets. */
  readonly lengthPart: number;
  /** The key of the factor by which each cycle is longer than the one before; `null` where all are equally long. */
  readonly growthKey: Key | null;
  /** That factor; 1 where all are equally long. */
  readonly growth: number;
  /** Number of cycles after which the schedule stops restarting; `null` for none. */
  readonly limit: number | null;
  /** The key that sets it; absent where there is none. */
  readonly limitKey?: Key;
  /**
   * `descents` are meant to converge one by one, `jumps` to leave a minimum; a `wave` was not chosen for its restarts.
   */
  readonly purpose: "descents" | "jumps" | "wave";
}

/** Facts about a schedule that the linter's rules for any schedule ask for, and rules for this one alone. */
export interface LintFacts<P extends Params = Params> {
  /** Keys of the largest and of the smallest rate. */
  readonly rateKeys?: readonly [largest: keyof P & string, smallest: keyof P & string];
  /** Key of a factor that multiplies the rate again and again: above 1 the rate grows. */
  readonly factorKey?: keyof P & string;
  /** Key of the length of a warmup. */
  readonly warmupKey?: keyof P & string;
  /** Changes that keep the first rate from being 0. */
  positiveStart?(node: Node<P>): readonly Suggestion[];
  /**
   * The step from its own start at which it has come to its end, and the key to change for another end, then others
   * that do as well.
   */
  end?(values: Plain<P>): {
    readonly key: keyof P & string;
    readonly others?: readonly (keyof P & string)[];
    readonly steps: number;
  } | null;
  /** Changes by which the rate falls gently over its stretch, for one that falls by a factor. */
  slower?(node: Node<P>): readonly Suggestion[];
  /** The steps at which the rate drops, for a schedule that falls in drops, and the key that sets them. */
  drops?(values: Plain<P>): { readonly key: keyof P & string; readonly first: readonly number[] } | null;
  cycling?(values: Plain<P>): Cycling<keyof P & string>;
  readonly rules?: readonly Rule<P>[];
}
