import { exactSteps, parseDuration, type RunShape, stepsText } from "../lib/duration.ts";
import { CATALOGUE, entryOf, paramsOf } from "./entries.ts";
import type { BuildContext, Entry } from "./entry.ts";
import type { Param, WrittenPart } from "./param_types.ts";
import type { ScheduleSpec } from "./schedule.ts";
import { ParameterError } from "./values.ts";

type Path = readonly (string | number)[];

/**
 * The schedule, nested ones included, with every duration in whole steps of a run.
 *
 * The only place where durations are rounded. A duration ends at the step nearest to its exact end (halves up), counted
 * from the exact start of the outermost schedule: durations that follow one another (`warmup` and what it wraps, the
 * parts of a `sequence`, the phases of `wsd`) therefore sum to the rounded whole, so that 5 % and 95 % fill a run of any
 * length. `rest` is what the other lengths leave of the stretch in which a schedule is active. The result is a spec
 * again, and the same in its own steps.
 *
 * @throws {RangeError} for a duration of fewer steps than its parameter allows; the error's `path` leads to it.
 */
export function inSteps(spec: ScheduleSpec, shape: RunShape, context: BuildContext = {}): ScheduleSpec {
  return stepsWithin({ from: 0, until: shape.totalSteps }, spec, [], shape, context);
}

/** The time of a schedule in exact steps of the outermost one: its own step 0, and the end of its stretch of the run. */
interface Within {
  readonly from: number;
  readonly until: number;
}

function stepsWithin(
  { from, until }: Within,
  spec: ScheduleSpec,
  path: Path,
  shape: RunShape,
  context: BuildContext,
): ScheduleSpec {
  const entry = entryOf(spec.name, context.registry ?? CATALOGUE)!;
  const given = Object.entries(paramsOf(entry, spec, context)).flatMap(([key, param]) => {
    const raw = spec[key] ?? param.default ?? null;
    return raw === null ? [] : [{ key, param, raw }];
  });
  const consecutive = entry.consecutive?.(spec) ?? [];
  const exact = (text: unknown, rest: number): number => {
    const duration = parseDuration(text);
    return duration.unit === "rest" ? rest : exactSteps(duration, shape);
  };
  /** The part of the stretch that lengths after one another leave. */
  const left = (texts: readonly unknown[]) =>
    texts.reduce((rest: number, text) => rest - exact(text, 0), until - from);
  const written = (key: string, param: Param, text: unknown, start: number, stop: number): string => {
    const steps = Math.round(stop) - Math.round(start);
    const least = leastSteps(param);
    if (steps < least) throw tooShort(entry, key, text, least, steps, shape, path);
    return stepsText(steps);
  };
  const resolved: Record<string, unknown> = { ...spec };
  const lengths: Record<string, number> = {};

  // 1. The schedule's own durations; `end` is that of the last of those that follow one another.
  let end = from;
  const leftOver = left(given.flatMap(({ key, raw }) => consecutive.includes(key) ? [raw] : []));
  for (const { key, param, raw } of given) {
    if (param.kind === "duration") {
      const follows = consecutive.includes(key);
      const start = follows ? end : from;
      const stop = start + exact(raw, follows ? leftOver : until - from);
      resolved[key] = written(key, param, raw, start, stop);
      lengths[key] = stop - start;
      if (follows) end = stop;
    } else if (param.kind === "durations") {
      resolved[key] = (raw as unknown[]).map((text, index) =>
        written(`${key}[${index}]`, param, text, from, from + exact(text, until - from))
      );
    }
  }

  // 2. The schedules inside, each in its own stretch.
  const inner = (child: unknown, at: Path, within: Within) =>
    stepsWithin(within, child as ScheduleSpec, [...path, ...at], shape, context);
  const stretchOf = (index: number): Within => {
    const values = { ...defaultsOf(entry), ...spec, ...lengths };
    const found = entry.stretch?.(values as never, index, until - from);
    return { from: end, until: found === undefined ? until : end + found.length };
  };
  for (const { key, param, raw } of given) {
    if (param.kind === "schedule") resolved[key] = inner(raw, [key], stretchOf(0));
    else if (param.kind === "schedules") {
      resolved[key] = (raw as unknown[]).map((child, index) => inner(child, [key, index], stretchOf(index)));
    } else if (param.kind === "parts") {
      const parts = raw as WrittenPart[];
      const rest = left(parts.map((part) => part.for));
      resolved[key] = parts.map((part, index) => {
        const start = end;
        end = start + exact(part.for, rest);
        const stop = index === parts.length - 1 ? Math.max(end, until) : end;
        const schedule = inner(part.schedule, [key, index, "schedule"], { from: start, until: stop });
        return { ...part, for: written(`${key}[${index}].for`, param, part.for, start, end), schedule };
      });
    }
  }
  return resolved as ScheduleSpec;
}

/** The values of an entry's parameters where a spec leaves them out. */
export const defaultsOf = ({ params }: Entry): Record<string, unknown> =>
  Object.fromEntries(Object.entries(params).map(([key, param]) => [key, param.default]));

const leastSteps = (param: Param): number => "range" in param ? param.range.min ?? 0 : 1;

function tooShort(
  { name }: Entry,
  key: string,
  text: unknown,
  least: number,
  steps: number,
  shape: RunShape,
  path: Path,
): ParameterError {
  const run = `${stepsText(steps)} in a run of ${shape.totalSteps} with ${shape.stepsPerEpoch} an epoch`;
  const error = new ParameterError(name, key, `at least ${stepsText(least)}`, `${text} (${run})`);
  return located(error, path);
}

/** Gives an error of a parameter the path from the outermost schedule, once. */
export function located<E>(error: E, path: Path): E {
  if (error instanceof ParameterError && !("path" in error)) {
    const keys = error.parameter.split(/[.[\]]+/).filter((key) => key !== "");
    Object.assign(error, { path: [...path, ...keys.map((key) => /^\d+$/.test(key) ? Number(key) : key)] });
  }
  return error;
}
