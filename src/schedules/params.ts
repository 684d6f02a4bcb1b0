import type { Param, Range } from "./param_types.ts";

type With<P, D> = D extends undefined ? P : P & { readonly default: D };
type Of<K extends Param["kind"]> = Extract<Param, { kind: K }>;

// `undefined` means required: the key `default` is then absent, not undefined.
const withDefault = <P, D>(param: P, value: D): With<P, D> =>
  (value === undefined ? param : { ...param, default: value }) as With<P, D>;

/** A number within a range. */
export function number<const D extends number | null | undefined = undefined>(
  doc: string,
  unit: string,
  range: Range,
  value?: D,
): With<Of<"number">, D> {
  return withDefault<Of<"number">, D>({ kind: "number", doc, unit, range }, value as D);
}

/** A learning rate above 0. */
export const rate = <const D extends number | undefined = undefined>(doc: string, value?: D) =>
  number(doc, "rate", { above: 0 }, value);

/** A learning rate that may be 0. */
export const rateOrZero = <const D extends number | undefined = undefined>(doc: string, value?: D) =>
  number(doc, "rate", { min: 0 }, value);

/** A decay factor above 0; above 1 the rate grows. */
export const factor = <const D extends number | undefined = undefined>(doc: string, value?: D) =>
  number(doc, "factor", { above: 0 }, value);

/** A momentum coefficient in [0, 1). */
export const momentum = <const D extends number | undefined = undefined>(doc: string, value?: D) =>
  number(doc, "momentum", { min: 0, below: 1 }, value);

/** A duration of at least one step. */
export const duration = <const D extends string | null | undefined = undefined>(doc: string, value?: D) =>
  withDefault<Of<"duration">, D>(
    { kind: "duration", doc, unit: "steps", range: { min: 1, whole: true } },
    value as D,
  );

/** A duration that may be 0. */
export const durationOrZero = <const D extends string | undefined = undefined>(doc: string, value?: D) =>
  withDefault<Of<"duration">, D>(
    { kind: "duration", doc, unit: "steps", range: { min: 0, whole: true } },
    value as D,
  );

/** A list of durations, each at least one step. */
export const durations = (doc: string): Of<"durations"> => ({
  kind: "durations",
  doc,
  unit: "steps",
  range: { min: 1, whole: true },
});

/** A switch. */
export const boolean = <const D extends boolean>(doc: string, value: D) =>
  withDefault<Of<"boolean">, D>({ kind: "boolean", doc, unit: "" }, value);

/** One of a few words; the first is the default. */
export function choice<const O extends readonly [string, ...string[]]>(
  doc: string,
  options: O,
): Of<"choice"> & { readonly options: O; readonly default: O[0] } {
  return { kind: "choice", doc, unit: "", options, default: options[0] };
}

/** A text that is not a choice, such as a path. */
export const text = <const D extends null | undefined = undefined>(doc: string, value?: D) =>
  withDefault<Of<"text">, D>({ kind: "text", doc, unit: "" }, value as D);

/** A schedule inside a schedule. */
export const schedule = <const D extends null | undefined = undefined>(doc: string, value?: D) =>
  withDefault<Of<"schedule">, D>({ kind: "schedule", doc, unit: "" }, value as D);

/** A list of schedules. */
export const schedules = (doc: string): Of<"schedules"> => ({ kind: "schedules", doc, unit: "" });

/** Parts of a sequence: `[{ for: duration, schedule }]`. */
export const parts = (doc: string): Of<"parts"> => ({ kind: "parts", doc, unit: "" });
