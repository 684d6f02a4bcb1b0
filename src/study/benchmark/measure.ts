import type { BenchmarkScores, FamilyScores, RateScores, SettingScores } from "#results/benchmark_scores.ts";
import { finalEval, finalEvals, scoreOf } from "#results/final.ts";
import { figureOf } from "#results/metric_entry.ts";
import { endOf, isFinished, type RunPlan, type RunRecord } from "#results/run.ts";
import type { Summary } from "#results/summary.ts";
import { planBudgets, planTuning, runKey } from "#spec/plan.ts";
import type { Spec } from "#spec/schema.ts";
import { writtenRate } from "#spec/tuned.ts";
import type { EvalEvent } from "#train/events.ts";
import { THRESHOLDS } from "../experiment/diagnostics.ts";
import { type DataFacts, datasetOf } from "../study.ts";
import { chosenRate } from "./choice.ts";
import type { Family } from "./families.ts";
import type { Setting } from "./spec_of.ts";

/** What is known of a setting when its scores are read. */
export interface MeasuredSetting {
  readonly setting: Setting;
  readonly spec: Spec;
  readonly data: DataFacts;
  /** Of its folder, whatever they are called there; none for a setting that was not begun. */
  readonly records: readonly RunRecord[];
  /** Of its summary; `null` where there is none yet. */
  readonly origin: Pick<Summary, "device" | "provenance"> | null;
}

type Unfinished = BenchmarkScores["unfinished"][number];

/** The scores of a setting's families, or how far it is where runs are missing. */
export function measureSetting(
  { setting, spec, data, records, origin }: MeasuredSetting,
  families: readonly Family[],
): SettingScores | Unfinished {
  const { name, workload, length } = setting;
  const byKey = new Map(records.filter(isFinished).map((record) => [runKey(record.plan), record]));
  const found = (plans: readonly RunPlan[]) =>
    plans.flatMap((plan) => {
      const record = byKey.get(runKey(plan));
      return record ? [{ ...record, plan }] : [];
    });
  const [tuning, comparison] = [planTuning(spec, data.train.count), planBudgets(spec, data.train.count)];
  const [tuned, compared] = [found(tuning), found(comparison)];
  const averaged = families.filter(({ weights }) => weights !== null);
  const judged = records.filter((one) =>
    isFinished(one) && one.plan.role === "arm" && averaged.some(({ runsOf }) => runsOf === one.plan.arm)
  );
  const runs = tuned.length + compared.length + judged.length;
  const of = tuning.length + comparison.length + averaged.length * spec.seeds.length;
  if (runs < of || origin === null) return { name, workload: workload.name, length, runs, of };
  const isText = data.text !== undefined;
  const facts: RateFacts = {
    spec,
    classes: data.classes.length,
    metric: isText ? "perplexity" : "accuracy",
  };
  const entropy = data.text?.entropy ?? null;
  return {
    name,
    workload: workload.name,
    length,
    steps: tuning[0]!.total_steps,
    model: workload.model,
    optimizer: String(workload.optimizer.name),
    title: workload.title,
    dataset: datasetOf(data),
    device: origin.device,
    wall_s: origin.provenance.wall_s,
    metric: isText ? "test_perplexity" : "test_accuracy",
    better: isText ? "lower" : "higher",
    guessing: guessing(facts),
    floor: isText ? entropy === null ? null : Math.exp(entropy) : 1,
    tuning_seeds: spec.tune!.seeds,
    seeds: spec.seeds,
    families: families.map((family) => {
      const tried = triedScores(family, tuned, compared, facts);
      return family.weights === null ? tried : averagedScores(tried, family.weights, judged, facts);
    }),
  };
}

/** True for a setting of which nothing is missing. */
export function isMeasured(one: SettingScores | Unfinished): one is SettingScores {
  return "families" in one;
}

interface RateFacts {
  readonly spec: Spec;
  readonly classes: number;
  readonly metric: "accuracy" | "perplexity";
}

/** One class of so many, or a perplexity of as many. */
const guessing = ({ classes, metric }: RateFacts) => metric === "accuracy" ? 1 / classes : classes;

/** A family by the last weights of its runs at each rate. */
function triedScores(
  family: Family,
  tuned: readonly RunRecord[],
  compared: readonly RunRecord[],
  facts: RateFacts,
): FamilyScores {
  const arm = family.runsOf ?? family.name;
  const own = (records: readonly RunRecord[]) => records.filter(({ plan }) => plan.arm === arm);
  const values = [...new Set(own(tuned).map(({ plan }) => writtenRate(plan.schedule) as number))]
    .sort((a, b) => a - b);
  const rates = values.map((value) => {
    const at = (records: readonly RunRecord[]) =>
      own(records).filter(({ plan }) => writtenRate(plan.schedule) === value);
    return rateScores(value, at(tuned), at(compared), facts);
  });
  const chosen = chosenRate({ rates })?.value ?? null;
  return {
    family: family.name,
    rates,
    chosen,
    at_edge: chosen !== null && (chosen === values[0] || chosen === values.at(-1)),
  };
}

/**
 * The same family by an average of the weights. Runs of tuning keep none, so its rate is the one that the last weights
 * chose, and its scores are those of the arm's runs, which have it.
 */
function averagedScores(
  tried: FamilyScores,
  weights: string,
  judged: readonly RunRecord[],
  facts: RateFacts,
): FamilyScores {
  const rate = tried.rates.find(({ value }) => value === tried.chosen);
  return { ...tried, rates: rate ? [{ ...rate, ...testScores(judged, facts, weights) }] : tried.rates };
}

function rateScores(
  value: number,
  tuned: readonly RunRecord[],
  compared: readonly RunRecord[],
  facts: RateFacts,
): RateScores {
  const { seeds } = facts.spec.tune!;
  return {
    value,
    validation: bySeed(
      seeds,
      tuned,
      (run) => isFailed(run, facts) ? 0 : scoreOf(finalEval(run, "validation")!),
    ),
    validation_failed: tuned.filter((run) => isFailed(run, facts)).length,
    ...testScores(compared, facts),
  };
}

/** The metric on test data by seed, a failed run counting as guessing. */
function testScores(
  compared: readonly RunRecord[],
  facts: RateFacts,
  weights: string | null = null,
): Pick<RateScores, "test" | "test_failed"> {
  const reached = (run: RunRecord) => figureOf(evaluation(run, "test", weights)!, facts.metric)!;
  return {
    test: bySeed(
      facts.spec.seeds,
      compared,
      (run) => isFailed(run, facts, weights) ? guessing(facts) : reached(run),
    ),
    test_failed: compared.filter((run) => isFailed(run, facts, weights)).length,
  };
}

function bySeed(
  seeds: readonly number[],
  runs: readonly RunRecord[],
  of: (run: RunRecord) => number,
): (number | null)[] {
  const known = new Map(runs.map((run) => [run.plan.seed, run]));
  return seeds.map((seed) => {
    const run = known.get(seed);
    return run === undefined ? null : of(run);
  });
}

/** After the last step: of the last weights, or of an average. */
function evaluation(run: RunRecord, split: "validation" | "test", weights: string | null): EvalEvent | null {
  if (weights === null) return finalEval(run, split);
  return finalEvals(run).find((one) => one.weights === weights && one.split === split) ?? null;
}

/** True for a run that diverged, or whose weights are hardly better than guessing. */
function isFailed(run: RunRecord, { classes }: RateFacts, weights: string | null = null): boolean {
  const held = evaluation(run, "validation", weights);
  return endOf(run)?.reason === "diverged" || held === null ||
    scoreOf(held) <= THRESHOLDS.guessing / classes;
}
