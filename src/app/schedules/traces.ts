import { buildSchedule } from "#schedules/registry.ts";
import type { BuildContext } from "#schedules/entry.ts";
import type { BuiltSchedule } from "#schedules/schedule.ts";
import { UsageError } from "../errors.ts";
import { MOST_STEPS, type PlacedArm, refuseLonger } from "./facts.ts";

/** A schedule evaluated over a run. */
export interface Trace extends PlacedArm {
  readonly built: BuiltSchedule;
  /** The step of the lineage that the first rate belongs to. */
  readonly start: number;
  readonly lr: Float64Array;
  readonly momentum: Float64Array | null;
}

/** The most points that a chart draws of one curve. */
const CHART_POINTS = 2000;

/** @throws {UsageError} where a schedule cannot be built for this run, or the run is too long to be drawn. */
export function traceOf(arm: PlacedArm, context: BuildContext): Trace {
  const { origin, first, steps } = arm.run;
  refuseLonger(MOST_STEPS, steps, "show");
  const built = refusedAs(arm.name, () => buildSchedule(arm.schedule, arm.run.shape, context));
  // A custom schedule may give a step a rate that cannot be applied.
  const over = (schedule: (step: number) => number) =>
    refusedAs(arm.name, () => Float64Array.from({ length: steps }, (_, step) => schedule(first + step)));
  return {
    ...arm,
    built,
    start: origin + first,
    lr: over(built.lr),
    momentum: built.momentum === null ? null : over(built.momentum),
  };
}

/** @throws {UsageError} for every refusal of a schedule, with its name. */
function refusedAs<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new UsageError(`${name}: ${(error as Error).message}`);
  }
}

/** First steps of the cycles after the first one, in steps of the lineage, at most `most` of them. */
export function restartsOf({ built, lr, start, run }: Trace, most = Infinity): number[] {
  const found: number[] = [];
  for (let step = 0; built.cycles !== null && step < lr.length && found.length < most; step++) {
    if (built.cycles(run.first + step).isRestart) found.push(start + step);
  }
  return found;
}

/**
 * A curve with few enough points to draw: from each stretch of steps the lowest and the highest, in order.
 *
 * @param from the step of the first value.
 */
export function thinned(values: Float64Array, from = 0): { x: number[]; y: number[] } {
  const stretch = Math.max(1, Math.ceil(2 * values.length / CHART_POINTS));
  const x: number[] = [];
  for (let start = 0; start < values.length; start += stretch) {
    const end = Math.min(values.length, start + stretch);
    let [low, high] = [start, start];
    for (let step = start; step < end; step++) {
      if (values[step]! < values[low]!) low = step;
      if (values[step]! > values[high]!) high = step;
    }
    x.push(...[...new Set([low, high])].sort((a, b) => a - b));
  }
  const last = values.length - 1;
  if (x[x.length - 1] !== last) x.push(last);
  return { x: x.map((step) => from + step), y: x.map((step) => values[step]!) };
}
