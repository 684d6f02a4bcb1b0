import type { BuiltSchedule, ScheduleSpec } from "./schedule.ts";

/** Bounds of a number; one that is absent is open. */
export interface Range {
  /** Smallest allowed value. */
  readonly min?: number;
  /** The value must lie above this one. */
  readonly above?: number;
  /** Largest allowed value. */
  readonly max?: number;
  /** The value must lie below this one. */
  readonly below?: number;
  /** True where only whole numbers are allowed. */
  readonly whole?: boolean;
}

interface Common {
  /** Meaning, as one clause. */
  readonly doc: string;
  /** Unit of the value, for help texts: `rate`, `steps`, `factor` … */
  readonly unit: string;
  /** Value where a spec leaves the key out; `null` stands for "none". A parameter without default is required. */
  readonly default?: unknown;
}

/** One parameter of a schedule as plain data: help, validation, JSON Schema and docs are derived from it. */
export type Param =
  | (Common & { readonly kind: "number"; readonly range: Range })
  | (Common & { readonly kind: "duration"; readonly range: Range })
  | (Common & { readonly kind: "durations"; readonly range: Range })
  | (Common & { readonly kind: "boolean" })
  | (Common & { readonly kind: "choice"; readonly options: readonly string[] })
  | (Common & { readonly kind: "text" })
  | (Common & { readonly kind: "schedule" })
  | (Common & { readonly kind: "schedules" })
  | (Common & { readonly kind: "parts" });

/** Parameters by their key in a spec, in the order of the docs. */
export type Params = Readonly<Record<string, Param>>;

/** A part of a sequence, built: how many steps it lasts, and its schedule. */
export interface BuiltPart {
  readonly steps: number;
  readonly schedule: BuiltSchedule;
}

type Resolved<P extends Param> = P extends { kind: "number" | "duration" } ? number
  : P extends { kind: "durations" } ? readonly number[]
  : P extends { kind: "boolean" } ? boolean
  : P extends { kind: "choice"; options: readonly (infer O)[] } ? O
  : P extends { kind: "text" } ? string
  : P extends { kind: "schedule" } ? BuiltSchedule
  : P extends { kind: "schedules" } ? readonly BuiltSchedule[]
  : readonly BuiltPart[];

type OrNone<P extends Param> = P extends { default: null } ? null : never;

/** Values of parameters after defaults: durations in steps, schedules built. */
export type Values<P extends Params> = { readonly [K in keyof P]: Resolved<P[K]> | OrNone<P[K]> };

// A duration's default carries a unit, so only a run can resolve it: a direct caller gives the steps.
type MayOmit<P extends Param> = P extends { default: infer D }
  ? P extends { kind: "duration" } ? D extends null ? true : false : true
  : false;

/** Argument of a schedule's own function: keys with a default may be left out. */
export type Given<P extends Params> =
  & { readonly [K in keyof P as MayOmit<P[K]> extends true ? never : K]: Resolved<P[K]> | OrNone<P[K]> }
  & { readonly [K in keyof P as MayOmit<P[K]> extends true ? K : never]?: Resolved<P[K]> | OrNone<P[K]> };

/** A part of a sequence as a spec has it, with its length in steps. */
export interface PlainPart {
  readonly steps: number;
  readonly schedule: ScheduleSpec;
}

/** A part of a sequence as a spec writes it. */
export interface WrittenPart {
  readonly for: string;
  readonly schedule: ScheduleSpec;
}

type Inner<P extends Param, Part> = P extends { kind: "schedule" } ? ScheduleSpec
  : P extends { kind: "schedules" } ? readonly ScheduleSpec[]
  : P extends { kind: "parts" } ? readonly Part[]
  : Resolved<P>;

/** Values of parameters for a run, inner schedules as data: durations in steps, defaults filled in. */
export type Plain<P extends Params> = { readonly [K in keyof P]: Inner<P[K], PlainPart> | OrNone<P[K]> };

type Unresolved<P extends Param> = P extends { kind: "duration" } ? string
  : P extends { kind: "durations" } ? readonly string[]
  : Inner<P, WrittenPart>;

/** Values of parameters without a run: durations as they are written, defaults filled in. */
export type Written<P extends Params> = { readonly [K in keyof P]: Unresolved<P[K]> | OrNone<P[K]> };
