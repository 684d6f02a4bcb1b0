import { suggest } from "../lib/nearest.ts";
import { paramProblems, type Problem, unknownKeys } from "./check_param.ts";
import { CATALOGUE, entryOf, paramsOf } from "./entries.ts";
import type { BuildContext, Entry, Registry } from "./entry.ts";
import { placeOfName, scheduleOfName } from "./frameworks/names.ts";
import { printSchedule } from "./print.ts";
import type { ScheduleSpec } from "./schedule.ts";
import { show } from "./values.ts";

/**
 * The problems of a schedule as data, nested ones included, as far as they show without a run: unknown names and
 * keys (with the nearest valid one), missing keys, wrong kinds, durations without a unit, values out of range.
 */
export function structuralProblems(spec: unknown, context: BuildContext = {}): Problem[] {
  const { registry = CATALOGUE } = context;
  if (typeof spec !== "object" || spec === null || Array.isArray(spec)) {
    return [notAMapping(spec, registry)];
  }
  const given = spec as ScheduleSpec;
  const entry = entryOf(given.name, registry);
  if (entry === undefined) return [nameProblem(given.name, registry)];
  const params = paramsOf(entry, given, context);
  // The keys that a module takes are known once it is loaded.
  const open = entry.loadedParams !== undefined && entry.loadedParams(given, context) === null;
  const unknown = open ? [] : unknownKeys(given, ["name", ...Object.keys(params)], entry.name);
  const own = Object.entries(params).flatMap(([key, param]) =>
    paramProblems(entry.name, key, param, given[key], (inner) => structuralProblems(inner, context))
  );
  return [...unknown, ...own, ...exactlyOneProblems(entry, given)];
}

/** A name alone is not enough: the schedule of that name is shown with the keys that it needs. */
function notAMapping(spec: unknown, registry: Registry): Problem {
  const name = typeof spec === "string" ? spec : "";
  const sample = entryOf(name, registry)?.sample ?? counterpart(name, registry) ??
    entryOf("cosine", registry)?.sample;
  const example = sample === undefined ? "" : `, such as ${printSchedule(sample)}`;
  return {
    path: [],
    kind: "type",
    message: `a schedule must be a mapping with a name${example}; it is ${show(spec)}`,
  };
}

/** A schedule of ours that does what another framework's of this name does; `null` for none. */
function counterpart(name: string, registry: Registry): ScheduleSpec | null {
  const ours = scheduleOfName(name);
  return typeof ours === "string" ? entryOf(ours, registry)?.sample ?? null : ours;
}

function nameProblem(name: unknown, registry: Registry): Problem {
  const { names } = registry;
  if (name === undefined) {
    return { path: [], kind: "type", message: `name is missing; allowed: ${names.join(", ")}` };
  }
  if (typeof name !== "string") {
    return { path: ["name"], kind: "type", message: `name must be a text; it is ${show(name)}` };
  }
  const example = counterpart(name, registry);
  const hint = example === null
    ? placeOfName(name) ?? suggest(name, names)
    : `here it is ${show(example.name)}, such as ${printSchedule(example)}`;
  return { path: ["name"], kind: "range", message: `unknown schedule ${show(name)}; ${hint}` };
}

function exactlyOneProblems(entry: Entry, given: ScheduleSpec): Problem[] {
  const keys = entry.exactlyOne ?? [];
  const present = keys.filter((key) => given[key] != null);
  if (keys.length === 0 || present.length === 1) return [];
  const path = present.length === 0 ? [] : [present[present.length - 1]!];
  const message = `give exactly one of ${keys.join(" and ")}; ${
    present.length === 0 ? "neither is" : "both are"
  } given`;
  return [{ path, kind: "type", message }];
}

/** The error that a build, or another attempt at a schedule, throws for a problem; its `path` leads to it. */
export function problemError(
  attempt: "build" | "read",
  { kind, message, path }: Problem,
  spec: unknown,
  { registry }: BuildContext,
): Error {
  const Kind = { range: RangeError, type: TypeError, syntax: SyntaxError }[kind];
  const owner = entryOf((spec as ScheduleSpec | null)?.name, registry)?.name ?? "a schedule";
  const inner = path.slice(0, -1).join(".");
  const where = inner === "" ? "" : ` in ${inner}`;
  return Object.assign(new Kind(`Cannot ${attempt} ${owner}${where}: ${message}`), { path });
}
