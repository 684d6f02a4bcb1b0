import type { RunShape } from "../lib/duration.ts";
import type { Conditions } from "./conditions.ts";
import type { Exports } from "./frameworks/exports.ts";
import type { LintFacts } from "./finding.ts";
import type { Params, Plain, Values, Written } from "./param_types.ts";
import type { BuiltSchedule, Schedule, ScheduleSpec } from "./schedule.ts";

/** The schedules that a spec may name. */
export interface Registry {
  readonly entries: Readonly<Record<string, Entry>>;
  /** The names, in alphabetical order. */
  readonly names: readonly string[];
}

/** The surroundings of a build, which a pure room cannot have by itself. */
export interface BuildContext {
  /** The module of a `custom` schedule, loaded beforehand. */
  readonly custom?: (path: string) => CustomModule;
  /** The schedules that a spec may name; the catalogue where absent. */
  readonly registry?: Registry;
}

/** The exports of a `custom` schedule's module: a schedule, or parameters and a function that builds one from them. */
export interface CustomModule {
  readonly schedule?: Schedule;
  readonly default?: Schedule;
  readonly params?: Params;
  readonly build?: (values: Readonly<Record<string, unknown>>, shape: RunShape) => Schedule | Built;
}

/** A built schedule as an entry returns it; absent members mean `null`. */
export type Built = Pick<BuiltSchedule, "lr"> & Partial<BuiltSchedule>;

/** The part of a run in which an inner schedule is active. */
export interface Stretch {
  /** Steps; below 1 where the inner schedule is never reached. */
  readonly length: number;
  /** True where it lasts to the end of the stretch of the schedule around it. */
  readonly reachesEnd: boolean;
}

/**
 * Everything about one schedule. The spec's check, its JSON Schema, the lists and docs, the export to other frameworks
 * and the lint rules are derived from it.
 */
export interface Entry<P extends Params = Params> {
  readonly name: string;
  /** One sentence for lists and help. */
  readonly summary: string;
  readonly params: P;
  /** Keys of durations that follow one another, in their order; inner schedules start where the last of them ends. */
  consecutive?(spec: ScheduleSpec): readonly (keyof P & string)[];
  /** Keys of which a spec gives exactly one. */
  readonly exactlyOne?: readonly (keyof P & string)[];
  /** The rate of step t, in Unicode text. */
  readonly formula: string;
  /** Rate of the first step, in words or symbols. */
  readonly first: string;
  /** Rate at the end of the run and past the schedule's own end. */
  readonly last: string;
  /** The paper, and implementations to compare with. */
  readonly source: string;
  /** Legend of a plot: `{key}` stands for a parameter, `[…{key}…]` is left out where that has its default or is none. */
  readonly label: string;
  /** A valid spec, meant for a run of 100 steps with 10 an epoch. */
  readonly sample: ScheduleSpec;
  /** Method syntax, so that an entry of particular parameters is an `Entry`. */
  build(values: Values<P>, shape: RunShape, context: BuildContext): Built;
  /** Parameters of a schedule that declares its own in a module; `null` while the module is not loaded. */
  loadedParams?(spec: ScheduleSpec, context: BuildContext): Params | null;
  /**
   * The stretch of its `index`-th inner schedule (in the order of {@link innerSchedules}) within its own stretch of
   * `length` steps. Absent where every inner schedule is active throughout.
   */
  stretch?(values: Plain<P>, index: number, length: number): Stretch;
  /**
   * Robbins and Monro's conditions for the schedule continued for ever; `conditionsOf` answers for an inner one.
   * `null`, or absent, where they depend on measurements or on a module.
   */
  conditions?(
    values: Written<P>,
    conditionsOf: (inner: ScheduleSpec) => Conditions | null,
  ): Conditions | null;
  /** The schedule in other frameworks; without it, it cannot be exported. */
  readonly exports?: Exports<P>;
  /** Facts that the rules of the linter ask for, and rules of its own. */
  readonly lint?: LintFacts<P>;
}

/** Ties the types of an entry's functions to its `params`, then forgets them, so that entries fit into one list. */
export function entry<const P extends Params>(definition: Entry<P>): Entry {
  return definition as unknown as Entry;
}
