import { parseDuration, type RunShape } from "../lib/duration.ts";
import { CATALOGUE, entryOf } from "./entries.ts";
import type { Entry, Registry } from "./entry.ts";
import { inSteps } from "./in_steps.ts";
import type { Param, Params, Plain, Written, WrittenPart } from "./param_types.ts";
import type { ScheduleSpec } from "./schedule.ts";

/**
 * The values of a schedule that passed its check, for a run: durations in steps, inner schedules as data whose own
 * durations are in steps too, so that they can be taken out of the schedule around them.
 */
export function plainValues(
  spec: ScheduleSpec,
  shape: RunShape,
  registry: Registry = CATALOGUE,
): Plain<Params> {
  const steps = (text: unknown) => parseDuration(text).value;
  const resolve = (param: Param, raw: unknown): unknown => {
    if (raw === null) return null;
    if (param.kind === "duration") return steps(raw);
    if (param.kind === "durations") return (raw as unknown[]).map(steps);
    if (param.kind !== "parts") return raw;
    return (raw as WrittenPart[]).map((part) => ({ steps: steps(part.for), schedule: part.schedule }));
  };
  return valuesOf(entryOf(spec.name, registry)!, inSteps(spec, shape, { registry }), resolve) as Plain<
    Params
  >;
}

/** The values of a schedule that passed its check, without a run: durations as they are written. */
export function writtenValues(spec: ScheduleSpec, registry: Registry = CATALOGUE): Written<Params> {
  return valuesOf(entryOf(spec.name, registry)!, spec, (_, raw) => raw) as Written<Params>;
}

function valuesOf(
  { params }: Entry,
  spec: ScheduleSpec,
  resolve: (param: Param, raw: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([key, param]) => [key, resolve(param, spec[key] ?? param.default ?? null)]),
  );
}

/** A schedule inside another one. */
export interface InnerSchedule {
  /** From the schedule around it: `["then"]`, `["of", 1]`, `["parts", 0, "schedule"]`. */
  readonly path: readonly (string | number)[];
  readonly spec: ScheduleSpec;
}

/** The schedules directly inside one that passed its check, in the order of its parameters. */
export function innerSchedules(spec: ScheduleSpec, registry: Registry = CATALOGUE): InnerSchedule[] {
  const { params } = entryOf(spec.name, registry)!;
  return Object.entries(params).flatMap(([key, { kind }]): InnerSchedule[] => {
    const value = spec[key];
    if (value == null) return [];
    if (kind === "schedule") return [{ path: [key], spec: value as ScheduleSpec }];
    if (kind === "schedules") {
      return (value as ScheduleSpec[]).map((inner, index) => ({ path: [key, index], spec: inner }));
    }
    if (kind !== "parts") return [];
    return (value as WrittenPart[]).map(({ schedule }, index) => ({
      path: [key, index, "schedule"],
      spec: schedule,
    }));
  });
}
