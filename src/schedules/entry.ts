import type { RunShape } from "../lib/duration.ts";
import type { BuiltSchedule, Schedule, ScheduleSpec } from "./schedule.ts";

/** What a number may be; every bound that is absent is open. */
export interface Range {
  /** Smallest allowed value. */
  readonly min?: number;
  /** The value must lie above this one. */
  readonly above?: number;
  /** Largest allowed value. */
  readonly max?: number;
  /** The value must lie below this one. */
  readonly below?: number;
  /** Whether only whole numbers are allowed. */
  readonly whole?: boolean;
}

interface Common {
  /** What the parameter means, as one clause. */
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

/** What a caller of a schedule's own function passes: keys with a default may be left out. */
export type Given<P extends Params> =
  & { readonly [K in keyof P as MayOmit<P[K]> extends true ? never : K]: Resolved<P[K]> | OrNone<P[K]> }
  & { readonly [K in keyof P as MayOmit<P[K]> extends true ? K : never]?: Resolved<P[K]> | OrNone<P[K]> };

/** What the application hands to a build, because a pure room cannot have it. */
export interface BuildContext {
  /** The module of a `custom` schedule, loaded beforehand. */
  readonly custom?: (path: string) => CustomModule;
}

/** What a module of a `custom` schedule exports: a schedule, or parameters and what builds one from them. */
export interface CustomModule {
  readonly schedule?: Schedule;
  readonly default?: Schedule;
  readonly params?: Params;
  readonly build?: (values: Readonly<Record<string, unknown>>, shape: RunShape) => Schedule | Built;
}

/** What an entry builds; absent members mean `null`. */
export type Built = Pick<BuiltSchedule, "lr"> & Partial<BuiltSchedule>;

/** A schedule of the catalogue: its parameters, words and builder. */
export interface Entry<P extends Params = Params> {
  readonly name: string;
  /** One sentence for lists and help. */
  readonly summary: string;
  readonly params: P;
  /** Keys of which a spec gives exactly one. */
  readonly exactlyOne?: readonly (keyof P & string)[];
  /** The rate of step t, in Unicode text. */
  readonly formula: string;
  /** Rate of the first step, in words or symbols. */
  readonly first: string;
  /** Rate at the end of the run and past the schedule's own end. */
  readonly last: string;
  /** The paper, and what to compare with. */
  readonly source: string;
  /** Legend of a plot: `{key}` stands for a parameter, `[…{key}…]` is left out where that is none. */
  readonly label: string;
  /** A valid spec, meant for a run of 100 steps with 10 an epoch. */
  readonly sample: ScheduleSpec;
  /** Method syntax, so that an entry of particular parameters is an `Entry`. */
  build(values: Values<P>, shape: RunShape, context: BuildContext): Built;
}

/** Ties the type of `build`'s argument to `params`, then forgets it, so that entries fit into one list. */
export function entry<const P extends Params>(definition: Entry<P>): Entry {
  return definition as unknown as Entry;
}
