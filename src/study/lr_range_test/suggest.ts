import { movingAverage } from "#lib/moving_average.ts";
import { bootstrapInterval } from "#stats/bootstrap.ts";
import { type Rule, RULES, type Suggestion, suggestRates } from "#stats/rate_suggestions.ts";
import { mean } from "#stats/summary.ts";
import { steps } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";
import { endOf } from "#results/run.ts";
import type { Ramp, RangeRun, RangeTestResult, RateSuggestion } from "#results/lr_range.ts";

/** The reading of the ramps. */
export type Reading = Pick<RangeTestResult, "runs" | "suggestions" | "chosen">;

/** Records of ramps to what they suggest; `rule` is chosen where it has a rate. `classes` of the data set. */
export function readRamps(
  records: readonly RunRecord[],
  { ramp, smoothing, rule }: { ramp: Ramp; smoothing: number; rule: Rule },
  classes: number,
): Reading {
  const runs = rangeRuns(records, smoothing);
  const suggestions = suggestionsOf(runs, ramp, classes);
  return { runs, suggestions, chosen: chosenOf(suggestions, rule) ?? belowEnd(runs) };
}

/** The ramps that were measured, a run a seed. A run that broke off counts as stopped. */
export function rangeRuns(records: readonly RunRecord[], smoothing: number): RangeRun[] {
  return records.map((record) => {
    const end = endOf(record);
    const made = steps(record);
    const average = movingAverage(smoothing);
    const finite = (value: number) => Number.isFinite(value) ? value : null;
    return {
      seed: record.plan.seed,
      reason: end?.reason ?? "stopped",
      detail: end?.detail ?? null,
      ms_per_step: end?.ms_per_step ?? null,
      lr: made.map(({ lr }) => lr),
      loss: made.map(({ loss }) => finite(loss)),
      smoothed: made.map(({ loss }) => finite(average(loss))),
    };
  });
}

/**
 * The suggestion of each rule, from every seed's own curve: the geometric mean over seeds, with a bootstrap interval on log
 * rates (see {@link bootstrapInterval}), so it says how far another handful of seeds would move the suggestion. Ramps that were stopped on request say nothing.
 */
export function suggestionsOf(
  runs: readonly RangeRun[],
  ramp: Ramp,
  classes: number,
): RateSuggestion[] {
  const found = runs.map((run) => ({ seed: run.seed, by: suggestionsOfRun(run, ramp.steps, classes) }));
  return RULES.map((rule) => {
    const seeds = found.map(({ seed, by }) => ({ seed, lr: by[rule].rate, reason: by[rule].reason }));
    const rates = seeds.flatMap(({ lr }) => lr ?? []);
    const silent = seeds.filter(({ lr }) => lr === null);
    const why = [...new Set(silent.map(({ reason }) => reason!))].join("; ");
    if (rates.length === 0 || rates.length < seeds.length / 2) {
      const reason = rates.length === 0
        ? why
        : `${rates.length} of ${seeds.length} seeds suggest one: ${why}`;
      return { rule, lr: null, interval: null, reason: reason || "nothing was measured", seeds };
    }
    const logs = rates.map(Math.log10);
    const lr = 10 ** mean(logs);
    const bounds = bootstrapInterval(logs);
    return {
      rule,
      lr: rounded(lr),
      interval: bounds && widened([10 ** bounds[0], 10 ** bounds[1]], lr, ramp, rule),
      reason: null,
      seeds,
    };
  });
}

/** At least from one step of the ramp below to one above, and nothing that the rule cannot suggest on this ramp. */
function widened(
  [low, high]: readonly [number, number],
  lr: number,
  { from, to, steps, shape }: Ramp,
  rule: Rule,
): readonly [number, number] {
  const scale = rule === "minimum_tenth" ? 10 : 1;
  const ratio = (to / from) ** (1 / (steps - 1));
  const step = (to - from) / (steps - 1);
  const below = shape === "exponential" ? lr / ratio : lr - step;
  const above = shape === "exponential" ? lr * ratio : lr + step;
  return [
    rounded(Math.max(from / scale, Math.min(low, below))),
    rounded(Math.min(to / scale, Math.max(high, above))),
  ];
}

function suggestionsOfRun(run: RangeRun, plannedSteps: number, classes: number): Record<Rule, Suggestion> {
  if (run.reason === "stopped") {
    const stopped: Suggestion = { rate: null, reason: "the ramp was stopped before its end" };
    return { valley: stopped, steepest: stopped, minimum_tenth: stopped, slide: stopped };
  }
  return suggestRates({ rates: run.lr, losses: run.loss.map((loss) => loss ?? NaN) }, {
    plannedSteps,
    guessing: Math.log(classes),
  });
}

/** The suggestion of the wanted rule, or of the first rule that has one. */
export function chosenOf(suggestions: readonly RateSuggestion[], wanted: Rule): RangeTestResult["chosen"] {
  const able = suggestions.filter(({ lr }) => lr !== null);
  const first = able.find(({ rule }) => rule === wanted) ?? able[0];
  return first ? { rule: first.rule, lr: first.lr! } : null;
}

/**
 * A tenth of the rate at which the ramps ended, because they diverged or were through, geometric mean over seeds: where to begin to
 * look where the loss of a ramp hardly falls, because it is short or its batches are small. `null` where most ramps were stopped.
 */
function belowEnd(runs: readonly RangeRun[]): RangeTestResult["chosen"] {
  const last = runs.flatMap(({ reason, lr }) => reason === "stopped" ? [] : lr.at(-1) ?? []);
  if (last.length === 0 || last.length < runs.length / 2) return null;
  return { rule: "end", lr: rounded(10 ** (mean(last.map(Math.log10)) - 1)) };
}

/** Three significant digits: finer than any range test resolves. */
export function rounded(rate: number): number {
  return Number(rate.toPrecision(3));
}
