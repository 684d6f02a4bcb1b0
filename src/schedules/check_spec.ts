import { DURATION_HELP, parseDuration } from "../lib/duration.ts";
import { nearest, suggest } from "../lib/nearest.ts";
import * as catalog from "./catalog.ts";
import { customParams } from "./custom.ts";
import type { BuildContext, Entry, Param, Params } from "./entry.ts";
import type { ScheduleSpec } from "./schedule.ts";
import { outOfRange, show, wrongKind } from "./values.ts";

/** Something wrong in a schedule as data, where it is and what is allowed. */
export interface Problem {
  /** From the schedule that was checked: `["then", "T_max"]`, `["parts", 2, "for"]`. */
  readonly path: readonly (string | number)[];
  /** A clause that names the key, the value and what is allowed. */
  readonly message: string;
  /** What a build throws for it: a value, a shape or a text is wrong. */
  readonly kind: "range" | "type" | "syntax";
}

/** Every schedule of the catalogue by the name that a spec uses. */
export const ENTRIES: Readonly<Record<string, Entry>> = Object.fromEntries(
  Object.values(catalog).map((entry) => [entry.name, entry]),
);

/** The names, in alphabetical order. */
export const SCHEDULE_NAMES: readonly string[] = Object.keys(ENTRIES).sort();

/** The key that every schedule takes beside its own parameters. */
export const COMMON_PARAMS: Params = {
  update: {
    kind: "choice",
    doc: "evaluate at every step, or only at the start of each epoch",
    unit: "",
    options: ["step", "epoch"],
    default: "step",
  },
};

/** The entry of a name, or `undefined`. */
export function entryOf(name: unknown): Entry | undefined {
  return typeof name === "string" && Object.hasOwn(ENTRIES, name) ? ENTRIES[name] : undefined;
}

/** All keys that a schedule takes beside `name`: the module's own too, for a custom one that is loaded. */
export function paramsOf(entry: Entry, spec: ScheduleSpec, context: BuildContext): Params {
  const module = entry.name === "custom" ? context.custom?.(String(spec.module)) : undefined;
  return { ...(module === undefined ? entry.params : customParams(module)), ...COMMON_PARAMS };
}

/**
 * What is wrong with a schedule as data, nested ones included, as far as it shows without a run: unknown names and
 * keys (with the nearest valid one), missing keys, wrong kinds, durations without a unit, values out of range.
 */
export function structuralProblems(spec: unknown, context: BuildContext = {}): Problem[] {
  if (typeof spec !== "object" || spec === null || Array.isArray(spec)) {
    return [{
      path: [],
      kind: "type",
      message: `a schedule must be a mapping with a name; it is ${show(spec)}`,
    }];
  }
  const given = spec as ScheduleSpec;
  const entry = entryOf(given.name);
  if (entry === undefined) return [nameProblem(given.name)];
  const params = paramsOf(entry, given, context);
  // Which keys a custom module takes is known once it is loaded.
  const open = entry.name === "custom" && context.custom === undefined;
  const unknown = open ? [] : unknownKeys(given, ["name", ...Object.keys(params)], entry.name);
  const own = Object.entries(params).flatMap(([key, param]) =>
    paramProblems(entry.name, key, param, given[key], context)
  );
  return [...unknown, ...own, ...exactlyOneProblems(entry, given)];
}

function nameProblem(name: unknown): Problem {
  return typeof name === "string"
    ? {
      path: ["name"],
      kind: "range",
      message: `unknown schedule ${show(name)}; ${suggest(name, SCHEDULE_NAMES)}`,
    }
    : name === undefined
    ? { path: [], kind: "type", message: `name is missing; allowed: ${SCHEDULE_NAMES.join(", ")}` }
    : { path: ["name"], kind: "type", message: `name must be a text; it is ${show(name)}` };
}

function unknownKeys(given: object, allowed: readonly string[], owner: string): Problem[] {
  return Object.keys(given).filter((key) => !allowed.includes(key)).map((key) => ({
    path: [key],
    kind: "type",
    message: `${owner} has no parameter ${show(key)}; ${suggest(key, allowed)}`,
  }));
}

function exactlyOneProblems(entry: Entry, given: ScheduleSpec): Problem[] {
  const keys = entry.exactlyOne ?? [];
  const present = keys.filter((key) => given[key] != null);
  if (keys.length === 0 || present.length === 1) return [];
  const path = present.length === 0 ? [] : [present[present.length - 1]!];
  const message = `give exactly one of ${keys.join(" and ")}; ${
    present.length === 0 ? "none is" : "both are"
  } there`;
  return [{ path, kind: "type", message }];
}

function paramProblems(
  owner: string,
  key: string,
  param: Param,
  value: unknown,
  context: BuildContext,
): Problem[] {
  const required = param.default === undefined;
  if (value === undefined || (value === null && param.default === null)) {
    return value === undefined && required
      ? [{ path: [], kind: "type", message: `${owner} needs ${key} (${param.doc})` }]
      : [];
  }
  switch (param.kind) {
    case "duration":
      return durationProblems(key, param.range.min ?? 0, value).map((problem) => within([key], problem));
    case "durations":
      if (!Array.isArray(value)) return [kindProblem(key, "a list of durations", value)];
      return value.flatMap((item, index) =>
        durationProblems(`${key}[${index}]`, param.range.min ?? 0, item)
          .map((problem) => within([key, index], problem))
      );
    case "schedule":
      return structuralProblems(value, context).map((problem) => within([key], problem));
    case "schedules":
      if (!Array.isArray(value) || value.length === 0) {
        return [kindProblem(key, "a list of schedules", value)];
      }
      return value.flatMap((item, index) =>
        structuralProblems(item, context).map((problem) => within([key, index], problem))
      );
    case "parts":
      if (!Array.isArray(value) || value.length === 0) {
        return [kindProblem(key, "a list of parts, each with for and schedule", value)];
      }
      return value.flatMap((item, index) =>
        partProblems(item, context).map((problem) => within([key, index], problem))
      );
    case "number":
    case "boolean":
    case "choice":
    case "text":
      return plainProblems(key, param, value);
  }
}

function plainProblems(key: string, param: Param, value: unknown): Problem[] {
  const wrong = wrongKind(param, value);
  if (wrong !== null) {
    const near = param.kind === "choice" && typeof value === "string" ? nearest(value, param.options) : null;
    const hint = near === null ? "" : `; did you mean ${show(near)}?`;
    return [{ path: [key], kind: "type", message: `${key} must be ${wrong}; it is ${show(value)}${hint}` }];
  }
  const outside = outOfRange(param, value);
  if (outside === null) return [];
  return [{ path: [key], kind: "range", message: `${key} must be ${outside}; it is ${show(value)}` }];
}

function durationProblems(key: string, min: number, value: unknown): Problem[] {
  try {
    const duration = parseDuration(value);
    if (duration.value === 0 && min > 0) {
      return [{
        path: [],
        kind: "range",
        message: `${key} must be longer than nothing; it is ${show(value)}`,
      }];
    }
    if (duration.unit === "steps" && !Number.isInteger(duration.value)) {
      return [{
        path: [],
        kind: "range",
        message: `${key} must be a whole number of steps; it is ${show(value)}`,
      }];
    }
    return [];
  } catch (error) {
    if (error instanceof RangeError) {
      return [{ path: [], kind: "range", message: `${key} must be finite and >= 0; it is ${show(value)}` }];
    }
    const why = typeof value === "number" ? "has no unit" : "is not a duration";
    return [{ path: [], kind: "syntax", message: `${key} ${why}: it is ${show(value)}; ${DURATION_HELP}` }];
  }
}

function partProblems(part: unknown, context: BuildContext): Problem[] {
  if (typeof part !== "object" || part === null || Array.isArray(part)) {
    return [{ path: [], kind: "type", message: `a part must be { for, schedule }; it is ${show(part)}` }];
  }
  const { for: length, schedule } = part as { for?: unknown; schedule?: unknown };
  return [
    ...unknownKeys(part, ["for", "schedule"], "a part"),
    ...(length === undefined
      ? [{ path: [], kind: "type", message: "for is missing (how long the part lasts)" } as const]
      : durationProblems("for", 1, length).map((problem) => within(["for"], problem))),
    ...(schedule === undefined
      ? [{ path: [], kind: "type", message: "schedule is missing" } as const]
      : structuralProblems(schedule, context).map((problem) => within(["schedule"], problem))),
  ];
}

function kindProblem(key: string, expected: string, value: unknown): Problem {
  return { path: [key], kind: "type", message: `${key} must be ${expected}; it is ${show(value)}` };
}

function within(outer: readonly (string | number)[], problem: Problem): Problem {
  return { ...problem, path: [...outer, ...problem.path] };
}
