import { exactSteps, parseDuration, type RunShape } from "../lib/duration.ts";
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
 * length. The result is a spec again, and the same in its own steps.
 *
 * @throws {RangeError} for a duration of fewer steps than its parameter allows; the error's `path` leads to it.
 */
export function inSteps(spec: ScheduleSpec, shape: RunShape, context: BuildContext = {}): ScheduleSpec {
  return stepsFrom(0, spec, [], shape, context);
}

/** The same for a schedule whose step 0 is at `from`, in exact steps of the outermost one. */
function stepsFrom(
  from: number,
  spec: ScheduleSpec,
  path: Path,
  shape: RunShape,
  context: BuildContext,
): ScheduleSpec {
  const entry = entryOf(spec.name, context.registry ?? CATALOGUE)!;
  const resolved: Record<string, unknown> = { ...spec };
  const consecutive = entry.consecutive?.(spec) ?? [];
  // The exact end of the last of its durations that follow one another; inner schedules start there.
  let end = from;
  const inner = (child: unknown, at: Path) =>
    stepsFrom(end, child as ScheduleSpec, [...path, ...at], shape, context);
  const span = (entry: Entry, key: string, text: unknown, start: number, least: number): number => {
    const stop = start + exactSteps(parseDuration(text), shape);
    const steps = Math.round(stop) - Math.round(start);
    if (steps < least) throw tooShort(entry, key, text, least, steps, shape, path);
    return stop;
  };
  for (const [key, param] of Object.entries(paramsOf(entry, spec, context))) {
    const raw = spec[key] ?? param.default ?? null;
    if (raw === null) continue;
    const least = leastSteps(param);
    const written = (start: number, stop: number) => inWords(Math.round(stop) - Math.round(start));
    switch (param.kind) {
      case "duration": {
        const start = consecutive.includes(key) ? end : from;
        const stop = span(entry, key, raw, start, least);
        resolved[key] = written(start, stop);
        if (consecutive.includes(key)) end = stop;
        break;
      }
      case "durations":
        resolved[key] = (raw as unknown[]).map((text, index) =>
          written(from, span(entry, `${key}[${index}]`, text, from, least))
        );
        break;
      case "parts":
        resolved[key] = (raw as WrittenPart[]).map((part, index) => {
          const start = end;
          const schedule = inner(part.schedule, [key, index, "schedule"]);
          end = span(entry, `${key}[${index}].for`, part.for, start, least);
          return { ...part, for: written(start, end), schedule };
        });
        break;
      case "schedule":
        resolved[key] = inner(raw, [key]);
        break;
      case "schedules":
        resolved[key] = (raw as unknown[]).map((child, index) => inner(child, [key, index]));
        break;
      case "number":
      case "boolean":
      case "choice":
      case "text":
    }
  }
  return resolved as ScheduleSpec;
}

const leastSteps = (param: Param): number => "range" in param ? param.range.min ?? 0 : 1;

const inWords = (steps: number): string => `${steps} ${steps === 1 ? "step" : "steps"}`;

function tooShort(
  { name }: Entry,
  key: string,
  text: unknown,
  least: number,
  steps: number,
  shape: RunShape,
  path: Path,
): ParameterError {
  const run = `${inWords(steps)} in a run of ${shape.totalSteps} with ${shape.stepsPerEpoch} an epoch`;
  const error = new ParameterError(name, key, `at least ${inWords(least)}`, `${text} (${run})`);
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
