import type { RunShape } from "#lib/duration.ts";
import type { Params, Plain } from "../param_types.ts";
import type { OptimizerChoice } from "./optimizer.ts";
import type { Style } from "./python.ts";
import type { Schedule, ScheduleSpec } from "../schedule.ts";

/** The frameworks that a schedule can be emitted for. */
export const FRAMEWORKS = [
  "pytorch",
  "keras",
  "optax",
  "transformers",
  "timm",
  "fastai",
  "lightning",
] as const;
export type Framework = typeof FRAMEWORKS[number];

/** The libraries whose schedules are compared with ours. */
export const LIBRARIES = [
  "pytorch",
  "keras",
  "optax",
  "timm",
  "transformers",
  "fastai",
  "deepspeed",
  "ultralytics",
] as const;
export type Library = typeof LIBRARIES[number];

/** A library's own call for a schedule. The rates that it gives are read from its text by `src/export`. */
export interface Native {
  /** The call, as an expression; `optimizer` is defined where it uses it. */
  readonly call: string;
  readonly imports: readonly string[];
  /** The optimizer's own rate, where the call multiplies it. */
  readonly base?: number;
  /** Reason for other rates, where there are any; one clause for a comment. */
  readonly why: string;
  /** Reason not to emit it although its rates are right; one clause for a comment. */
  readonly unfit?: string;
}

/** The run that a native call is for, and the calls of the same library for inner schedules. */
export interface NativeRun {
  readonly shape: RunShape;
  natives(inner: ScheduleSpec): readonly Native[];
  /** The rates of an inner schedule in this run, over its own steps. */
  rateOf(inner: ScheduleSpec): Schedule;
  warmedUp(inner: ScheduleSpec, ramp: Ramp): readonly Native[];
}

/** A linear warmup: its length, and the rate that it starts from. */
export interface Ramp {
  readonly steps: number;
  readonly from: number;
  readonly shape: RunShape;
}

/** Writer of a formula's Python functions, one a schedule. */
export interface FormulaWriter {
  readonly style: Style;
  readonly shape: RunShape;
  /** Adds the function of an inner schedule and returns its name. */
  schedule(inner: ScheduleSpec): string;
  /** The first rate of an inner schedule. */
  firstRate(inner: ScheduleSpec): number;
  /** Its rate at one of its own steps. */
  rateAt(inner: ScheduleSpec, step: number): number;
}

/** Writer of optax expressions. */
export type OptaxWriter = Pick<FormulaWriter, "shape" | "schedule" | "firstRate" | "rateAt">;

/** A schedule that depends on evaluations as Python: a class with its state, and the rate in a state. */
export interface PythonFeedback {
  /** The watched metric of an evaluation. */
  readonly metric: string;
  readonly className: string;
  /** The lines within the class: `__init__(self)`, and `observe(self, metric)` for an evaluation. */
  readonly lines: readonly string[];
  /** Lines of a function of the step `t` that reads an object of the class, `state`; the last one returns the rate. */
  readonly rate: readonly string[];
}

/** The same schedule, as it looks in other libraries, for a comparison over evaluations. */
export interface Evaluations {
  /** The metric of each evaluation. */
  readonly metrics: readonly number[];
  /** Absent where a library has nothing of the kind. */
  readonly lookalikes: { readonly [L in Library]?: Pick<Native, "call" | "why"> };
}

/** The program that is to be written. */
export interface ProgramRun {
  readonly framework: Framework;
  readonly optimizer: OptimizerChoice;
  readonly shape: RunShape;
}

/**
 * A schedule in other frameworks. `body` alone is enough: every framework takes a function; the other members let it be
 * written by a framework's own means.
 */
export interface Exports<P extends Params = Params> {
  /** Name of its Python function, where Python uses the schedule's own. */
  readonly pythonName?: string;
  /** Lines of a Python function of the step `t`; the last one returns the rate. */
  body?(values: Plain<P>, writer: FormulaWriter): readonly string[];
  /** The same for the momentum, for a schedule that moves it. */
  momentum?(values: Plain<P>, style: Style): readonly string[];
  /** An expression in optax's own terms with the same rates; `null` where it has none. */
  optax?(values: Plain<P>, writer: OptaxWriter): string | null;
  /**
   * A library's own calls. The first one looks the same, with the same numbers in the same places; later ones are
   * adapted so that the rates agree. For optax only where the lookalike differs from `optax`.
   */
  readonly natives?: {
    readonly [L in Library]?: (values: Plain<P>, run: NativeRun) => readonly Native[];
  };
  /** The same for the schedule after a linear warmup, for libraries that have both in one call. */
  readonly warmedUp?: {
    readonly [L in Library]?: (values: Plain<P>, ramp: Ramp) => readonly Native[];
  };
  /**
   * Lines of a whole program, for a schedule that depends on evaluations; `null` where a framework cannot express it.
   *
   * @throws {RangeError} where a framework lacks what the values ask for.
   */
  program?(values: Plain<P>, run: ProgramRun): readonly string[] | null;
  /** Its state and its rate in Python, for a schedule that depends on evaluations. */
  feedback?(values: Plain<P>, writer: FormulaWriter): PythonFeedback;
  /** The comparison with other libraries of a schedule that depends on evaluations; `null` where they have none. */
  evaluations?(values: Plain<P>): Evaluations | null;
  /** Reason why it can never be exported, one clause. */
  readonly refusal?: string;
}
