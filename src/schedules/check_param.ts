import { isObject } from "#lib/json.ts";
import { DURATION_HELP_OF_SCHEDULES, parseDuration } from "../lib/duration.ts";
import { nearest, suggestKey } from "../lib/nearest.ts";
import { parameterOfName } from "./frameworks/parameters.ts";
import type { Param } from "./param_types.ts";
import { outOfRange, show, wrongKind } from "./values.ts";

/** A mistake in a schedule as data: its place, and the allowed values. */
export interface Problem {
  /** From the schedule that was checked: `["then", "T_max"]`, `["parts", 2, "for"]`. */
  readonly path: readonly (string | number)[];
  /** A clause that names the key, the value and the allowed values. */
  readonly message: string;
  /** The kind of error that a build throws for it: a value, a shape or a text is wrong. */
  readonly kind: "range" | "type" | "syntax";
}

/** The problems of one parameter's value; `inner` finds those of a schedule in it. */
export function paramProblems(
  owner: string,
  key: string,
  param: Param,
  value: unknown,
  inner: (spec: unknown) => Problem[],
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
        (isRest(item) ? [restProblem(`${key}[${index}]`)] : durationProblems(
          `${key}[${index}]`,
          param.range.min ?? 0,
          item,
        ))
          .map((problem) => within([key, index], problem))
      );
    case "schedule":
      return scheduleProblems(key, value, inner).map((problem) => within([key], problem));
    case "schedules":
      if (!Array.isArray(value) || value.length === 0) {
        return [kindProblem(key, "a list of schedules", value)];
      }
      return value.flatMap((item, index) =>
        scheduleProblems(`${key}[${index}]`, item, inner).map((problem) => within([key, index], problem))
      );
    case "parts":
      if (!Array.isArray(value) || value.length === 0) {
        return [kindProblem(key, "a list of parts, each with for and schedule", value)];
      }
      return value.flatMap((item, index) =>
        partProblems(item, inner).map((problem) => within([key, index], problem))
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

const isRest = (value: unknown) => typeof value === "string" && value.trim().toLowerCase() === "rest";

const restProblem = (key: string): Problem => ({
  path: [],
  kind: "range",
  message: `${key} must be a time in the run; it is "rest", which is a length`,
});

function durationProblems(key: string, min: number, value: unknown): Problem[] {
  try {
    const duration = parseDuration(value);
    if (duration.value === 0 && min > 0) {
      return [{
        path: [],
        kind: "range",
        message: `${key} must be longer than 0; it is ${show(value)}`,
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
      return [{ path: [], kind: "range", message: `${key} must be from 0 to 1e12; it is ${show(value)}` }];
    }
    const why = typeof value === "number" ? "has no unit" : "is not a duration";
    return [{
      path: [],
      kind: "syntax",
      message: `${key} ${why}: it is ${show(value)}; ${DURATION_HELP_OF_SCHEDULES}`,
    }];
  }
}

function partProblems(part: unknown, inner: (spec: unknown) => Problem[]): Problem[] {
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
      : scheduleProblems("schedule", schedule, inner).map((problem) => within(["schedule"], problem))),
  ];
}

/** The problems of a schedule inside another, which begin with its key where it is none. */
function scheduleProblems(key: string, value: unknown, inner: (spec: unknown) => Problem[]): Problem[] {
  return inner(value).map((problem) =>
    isObject(value) ? problem : { ...problem, message: `${key}: ${problem.message}` }
  );
}

function kindProblem(key: string, expected: string, value: unknown): Problem {
  return { path: [key], kind: "type", message: `${key} must be ${expected}; it is ${show(value)}` };
}

function within(outer: readonly (string | number)[], problem: Problem): Problem {
  return { ...problem, path: [...outer, ...problem.path] };
}

/** A problem for each key that is not allowed, with the nearest one that is. */
export function unknownKeys(given: object, allowed: readonly string[], owner: string): Problem[] {
  return Object.keys(given).filter((key) => !allowed.includes(key)).map((key) => ({
    path: [key],
    kind: "type",
    message: `${owner} has no parameter ${show(key)}; ${hintFor(key, Object.keys(given), allowed)}`,
  }));
}

/** Our parameter by another framework's name, else what looks like it. */
function hintFor(key: string, given: readonly string[], allowed: readonly string[]): string {
  const ours = parameterOfName(key, allowed.filter((name) => !given.includes(name)));
  return ours === null
    ? suggestKey(key, allowed)
    : `here it is ${show(ours)}. Allowed: ${allowed.join(", ")}`;
}
