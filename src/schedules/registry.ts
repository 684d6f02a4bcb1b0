import { parseDuration } from "../lib/duration.ts";
import type { Problem } from "./check_param.ts";
import { problemError, structuralProblems } from "./check_spec.ts";
import { holdWithinEpoch } from "./compose.ts";
import { COMMON_PARAMS, entryOf, paramsOf } from "./entries.ts";
import type { BuildContext } from "./entry.ts";
import { inSteps, located } from "./in_steps.ts";
import type { Param } from "./param_types.ts";
import type { BuiltSchedule, RunShape, ScheduleSpec } from "./schedule.ts";
import { show } from "./values.ts";

type Path = readonly (string | number)[];

/**
 * Builds a schedule, nested ones included, for a run. Durations become steps of that run, rounded by `inSteps`; a
 * percentage is always of the whole run, also inside another schedule.
 *
 * With `update: epoch` the schedule is asked only at the start of each epoch, counted from where it starts itself.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { buildSchedule } from "lr-lab/schedules";
 *
 * const run = { totalSteps: 100, stepsPerEpoch: 10 };
 * const { lr, cycles } = buildSchedule({ name: "sgdr", lr: 0.1, T_0: "2 epochs" }, run);
 * assert.equal(lr(20), 0.1);
 * assert.ok(cycles!(20).isRestart);
 * assert.throws(() => buildSchedule({ name: "sgdr", lr: 0.1, T_0: 20 }, run), /T_0 has no unit: it is 20/);
 * ```
 *
 * @throws {RangeError} for a value out of range or an unknown name, {TypeError} for an unknown or missing key or a
 * wrong kind, {SyntaxError} for a duration that cannot be read. The message names the parameter, its value and what
 * is allowed; the error's `path` leads to it.
 */
export function buildSchedule(
  spec: ScheduleSpec,
  shape: RunShape,
  context: BuildContext = {},
): BuiltSchedule {
  checkShape(shape);
  const [problem] = structuralProblems(spec, context);
  if (problem !== undefined) throw problemError("build", problem, spec, context);
  return buildNode(inSteps(spec, shape, context), [], shape, context);
}

/**
 * The problems of a schedule as data, each with its path; an empty list where there are none. With `shape`, also those
 * that depend on the run's length (milestones out of order, a duration of no step).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkSchedule } from "lr-lab/schedules";
 *
 * assert.deepEqual(checkSchedule({ name: "cosine", lr: 0.1, T_max: "90%" }), []);
 * const [problem] = checkSchedule({ name: "cosine", lr: 0.1, Tmax: "90%", T_max: "90%" });
 * assert.deepEqual(problem!.path, ["Tmax"]);
 * assert.match(problem!.message, /^cosine has no parameter "Tmax"; did you mean "T_max"\?/);
 * ```
 */
export function checkSchedule(spec: unknown, shape?: RunShape, context: BuildContext = {}): Problem[] {
  const problems = structuralProblems(spec, context);
  if (problems.length > 0 || shape === undefined) return problems;
  try {
    checkShape(shape);
    buildNode(inSteps(spec as ScheduleSpec, shape, context), [], shape, context);
    return [];
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    return [{
      path: (error as { path?: Path }).path ?? [],
      kind: error instanceof RangeError ? "range" : "type",
      message: error.message,
    }];
  }
}

/** @param spec with durations in whole steps. */
function buildNode(spec: ScheduleSpec, path: Path, shape: RunShape, context: BuildContext): BuiltSchedule {
  const entry = entryOf(spec.name, context.registry)!;
  const values: Record<string, unknown> = {};
  for (const [key, param] of Object.entries(paramsOf(entry, spec, context))) {
    if (key in COMMON_PARAMS) continue;
    const raw = spec[key] ?? param.default;
    values[key] = resolve(param, raw, [...path, key], shape, context);
  }
  const built = locating(path, () => entry.build(values as never, shape, context));
  const whole: BuiltSchedule = {
    lr: built.lr,
    momentum: built.momentum ?? null,
    cycles: built.cycles ?? null,
    feedback: built.feedback ?? null,
  };
  return spec.update === "epoch" ? holdWithinEpoch(whole, shape.stepsPerEpoch) : whole;
}

/** A value of a spec in steps as a builder takes it: durations as numbers, schedules built. */
function resolve(param: Param, raw: unknown, path: Path, shape: RunShape, context: BuildContext): unknown {
  if (raw === null || raw === undefined) return raw;
  const steps = (text: unknown) => parseDuration(text).value;
  switch (param.kind) {
    case "duration":
      return steps(raw);
    case "durations":
      return (raw as unknown[]).map(steps);
    case "schedule":
      return buildNode(raw as ScheduleSpec, path, shape, context);
    case "schedules":
      return (raw as ScheduleSpec[]).map((child, index) =>
        buildNode(child, [...path, index], shape, context)
      );
    case "parts":
      return (raw as { for: unknown; schedule: ScheduleSpec }[]).map((part, index) => ({
        steps: steps(part.for),
        schedule: buildNode(part.schedule, [...path, index, "schedule"], shape, context),
      }));
    case "number":
    case "boolean":
    case "choice":
    case "text":
      return raw;
  }
}

function locating<T>(path: Path, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw located(error, path);
  }
}

function checkShape({ totalSteps, stepsPerEpoch }: RunShape): void {
  for (const [name, value] of Object.entries({ totalSteps, stepsPerEpoch })) {
    if (!(Number.isSafeInteger(value) && value >= 1)) {
      throw new RangeError(
        `Cannot build for a run whose ${name} is ${show(value)}: it must be a whole number >= 1`,
      );
    }
  }
}
