import { bestRegion, type CellDifference } from "#stats/best_region.ts";
import { bootstrapInterval } from "#stats/bootstrap.ts";
import { finiteOf, mean, sampleSd } from "#stats/summary.ts";
import { finalEval, scoreOf } from "#results/final.ts";
import { SCORE_METRICS, scoreName } from "#results/score.ts";
import type { RunRecord } from "#results/run.ts";
import { endOf } from "#results/run.ts";
import type { CandidateResult, RateValidation } from "#results/lr_range.ts";
import { failed } from "../experiment/diagnostics.ts";
import type { Candidate } from "./plan.ts";
import { findingText, isFailed, verdictOnChosen } from "./verdict.ts";

export interface ValidationFacts {
  /** Of each short run. */
  readonly steps: number;
  /** Validation images, for the smallest difference that can be seen. */
  readonly images: number;
  readonly classes: number;
}

/**
 * The result of the short runs. The best rate is the one with the highest mean validation accuracy among those at which no run failed.
 * Recommended is the smallest rate from there down that is no more than one standard error of their paired difference below it (Breiman et
 * al., 1984, for trees): it is further from failure, and runs longer than these do best at smaller rates. Every other one is compared with it (see {@link bestRegion}), paired over seeds, all intervals together at 95 %.
 * The best rate lies between the nearest ones on either side that are detectably worse, or at which runs failed.
 */
export function validate(
  candidates: readonly Candidate[],
  records: readonly RunRecord[],
  { steps, images, classes }: ValidationFacts,
): RateValidation {
  const seeds = [...new Set(records.map(({ plan }) => plan.seed))];
  const runs = candidates.map(({ lr }) =>
    records.filter(({ plan }) => plan.schedule["lr"] === lr).map((record) => runOf(record, classes))
  );
  const region = bestRegion(runs.map((own) => figuresOf(own, seeds)), { resolution: 1 / images, largest: 1 });
  const results = candidates.map((candidate, index): CandidateResult => {
    const accuracies = finiteOf(runs[index]!.map(({ accuracy }) => accuracy));
    return {
      ...candidate,
      runs: runs[index]!,
      accuracy: accuracies.length === 0 ? null : mean(accuracies),
      interval: withinShare(bootstrapInterval(accuracies)),
      difference: index === region.best ? null : differenceOf(region.cells[index]!, seeds.length),
    };
  });
  const best = region.best === null ? null : results[region.best]!;
  const smallest = region.best === null ? null : smallestAlike(runs, region.best, seeds);
  const found = {
    best: best?.lr ?? null,
    recommended: smallest === null ? null : results[smallest]!.lr,
    bracketed: smallest !== null && smallest > 0 && region.best! < results.length - 1,
    between: best ? betweenOf(results, best) : null,
    fails_from: best ? results.find(({ lr, runs }) => lr > best.lr && runs.some(isFailed))?.lr ?? null : null,
  };
  const score = scoreName(records);
  return {
    steps,
    schedule: "linear",
    seeds,
    ...(score !== "accuracy" && { metric: SCORE_METRICS[score] }),
    candidates: results,
    verdict: verdictOnChosen(results, best, found),
    text: findingText(results, best, found, score),
    ...found,
  };
}

type Runs = CandidateResult["runs"];

function runOf(record: RunRecord, classes: number): Runs[number] {
  const held = finalEval(record, "validation");
  const diverged = endOf(record)?.reason === "diverged";
  return {
    seed: record.plan.seed,
    accuracy: diverged || !held ? null : scoreOf(held),
    loss: diverged ? null : held?.loss ?? null,
    diverged,
    failed: failed(record, classes),
  };
}

/** Accuracies in the order of the seeds; `null` for a run that failed or is missing. */
function figuresOf(runs: Runs, seeds: readonly number[]): (number | null)[] {
  return seeds.map((seed) => {
    const run = runs.find((one) => one.seed === seed);
    return run && !isFailed(run) ? run.accuracy : null;
  });
}

/** `null` for a rate at which runs failed: those are counted, and not set against accuracies. */
function differenceOf(
  { difference, interval, within, steady }: CellDifference,
  seeds: number,
): CandidateResult["difference"] {
  if (difference === null) return null;
  const verdict = interval === null && steady
    ? "not enough runs"
    : within
    ? "no detectable difference"
    : difference < 0
    ? "lower"
    : "no detectable difference";
  return { difference, interval, seeds, verdict };
}

/** Index of the smallest rate within one standard error of the best one, with every rate between them. */
function smallestAlike(runs: readonly Runs[], best: number, seeds: readonly number[]): number {
  const leader = figuresOf(runs[best]!, seeds);
  let smallest = best;
  while (smallest > 0) {
    const figures = figuresOf(runs[smallest - 1]!, seeds);
    const leads = leader.flatMap((value, i) =>
      value === null || figures[i] == null ? [] : value - figures[i]
    );
    if (leads.length < seeds.length || leads.length < 2) break;
    if (mean(leads) > sampleSd(leads) / Math.sqrt(leads.length)) break;
    smallest--;
  }
  return smallest;
}

function betweenOf(
  results: readonly CandidateResult[],
  { lr }: CandidateResult,
): [number | null, number | null] {
  const worse = results.filter((one) => one.difference?.verdict === "lower" || one.runs.some(isFailed));
  return [
    worse.findLast((one) => one.lr < lr)?.lr ?? null,
    worse.find((one) => one.lr > lr)?.lr ?? null,
  ];
}

/** No accuracy lies outside 0 … 1, wherever a few scattered seeds would put the ends. */
function withinShare(bounds: readonly [number, number] | null): readonly [number, number] | null {
  return bounds && [Math.max(0, bounds[0]), Math.min(1, bounds[1])];
}
