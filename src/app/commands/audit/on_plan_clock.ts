import type { Metric } from "#audit/case.ts";
import { type RateLog, rateLog } from "#audit/log.ts";
import { suggest } from "#lib/nearest.ts";
import type { StepUnit } from "#trackers/model.ts";
import type { Series } from "#trackers/series.ts";
import { UsageError } from "../../errors.ts";
import type { LoggedRun } from "../../trackers/read_run.ts";

/** Updates in a unit of a log's steps. */
const perUnitOf = (unit: StepUnit, stepsPerEpoch: number | null): number =>
  unit === "epoch" ? stepsPerEpoch ?? 1 : 1;

/**
 * The step that is 0 to the plan.
 *
 * @param planned step of its lineage at which the plan begins; a log may count from there as well.
 */
export function originOf(
  { steps, values, unit }: Series,
  stepsPerEpoch: number | null,
  planned: number,
): number {
  const first = steps.find((_, i) => Number.isFinite(values[i]!));
  return first !== undefined && first * perUnitOf(unit, stepsPerEpoch) >= planned ? planned : 0;
}

/** Points of a series on the clock of updates, counted from `origin`. */
export function logOf(
  { steps, values, unit, every }: Series,
  stepsPerEpoch: number | null,
  origin: number,
): { log: RateLog; notes: string[] } {
  const perUnit = perUnitOf(unit, stepsPerEpoch);
  const points = function* () {
    for (let i = 0; i < steps.length; i++) yield { step: steps[i]! * perUnit - origin, rate: values[i]! };
  };
  const log = rateLog(points());
  return {
    log,
    notes: [
      ...log.notes,
      ...(origin > 0
        ? [`The plan begins at step ${origin} of its lineage: steps are counted from there.`]
        : []),
      ...(every > 1 ? [`The log is long: every ${every}th point was read.`] : []),
      ...(unit === "epoch" && stepsPerEpoch === null
        ? ["The log counts epochs, and so does this audit: give --steps-per-epoch for steps."]
        : []),
      ...(unit === "row" ? ["The log has no steps: its rows are counted from 0."] : []),
    ],
  };
}

/** A watched metric on the clock of updates; where its steps go back, as after a resume, the later points count. */
export function metricOf(
  { series, path }: LoggedRun,
  tag: string,
  stepsPerEpoch: number | null,
  origin: number,
): Metric {
  const found = series.get(tag);
  if (found === undefined) {
    throw new UsageError(
      `${path}: there is no series ${JSON.stringify(tag)}; ${suggest(tag, [...series.keys()])}`,
    );
  }
  const perUnit = perUnitOf(found.unit, stepsPerEpoch);
  const kept: { step: number; value: number }[] = [];
  for (const [i, own] of found.steps.entries()) {
    const [step, value] = [own * perUnit - origin, found.values[i]!];
    if (!Number.isFinite(value)) continue;
    while (kept.length > 0 && kept.at(-1)!.step >= step) kept.pop();
    kept.push({ step, value });
  }
  return kept;
}
