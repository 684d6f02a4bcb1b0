import type { RunShape } from "#lib/duration.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { BuildContext } from "#schedules/entry.ts";
import type { BuiltSchedule } from "#schedules/schedule.ts";
import { UsageError } from "../../io.ts";
import type { Arm } from "./facts.ts";

/** A schedule evaluated over a run. */
export interface Trace extends Arm {
  readonly built: BuiltSchedule;
  readonly lr: Float64Array;
  readonly momentum: Float64Array | null;
}

/** The most points that a chart draws of one curve. */
const CHART_POINTS = 2000;

/** @throws {UsageError} where a schedule cannot be built for this run. */
export function traceOf(arm: Arm, shape: RunShape, context: BuildContext): Trace {
  let built: BuiltSchedule;
  try {
    built = buildSchedule(arm.schedule, shape, context);
  } catch (error) {
    throw new UsageError(`${arm.name}: ${(error as Error).message}`);
  }
  const over = (schedule: (step: number) => number) =>
    Float64Array.from({ length: shape.totalSteps }, (_, step) => schedule(step));
  return {
    ...arm,
    built,
    lr: over(built.lr),
    momentum: built.momentum === null ? null : over(built.momentum),
  };
}

/** First steps of the cycles after the first one, at most `most` of them. */
export function restartsOf({ built, lr }: Trace, most = Infinity): number[] {
  const found: number[] = [];
  for (let step = 0; built.cycles !== null && step < lr.length && found.length < most; step++) {
    if (built.cycles(step).isRestart) found.push(step);
  }
  return found;
}

/** A curve with few enough points to draw: from each stretch of steps the lowest and the highest, in order. */
export function thinned(values: Float64Array): { x: number[]; y: number[] } {
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
  return { x, y: x.map((step) => values[step]!) };
}
