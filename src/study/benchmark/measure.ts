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
  const [runs, of] = [tuned.length + compared.length, tuning.length + comparison.length];
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
    families: families.map((family) => familyScores(family, tuned, compared, facts)),
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

function familyScores(
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
    return rateScores(value, at(tuned), at(compared), family.weights, facts);
  });
  const chosen = chosenRate({ rates })?.value ?? null;
  return {
    family: family.name,
    rates,
    chosen,
    at_edge: chosen !== null && (chosen === values[0] || chosen === values.at(-1)),
  };
}

function rateScores(
  value: number,
  tuned: readonly RunRecord[],
  compared: readonly RunRecord[],
  weights: string | null,
  facts: RateFacts,
): RateScores {
  const { spec, classes, metric } = facts;
  const evaluation = (record: RunRecord, split: "validation" | "test"): EvalEvent | null =>
    weights === null
      ? finalEval(record, split)
      : finalEvals(record).find((one) => one.weights === weights && one.split === split) ?? null;
  const isFailed = (record: RunRecord) => {
    const held = evaluation(record, "validation");
    return endOf(record)?.reason === "diverged" || held === null ||
      scoreOf(held) <= THRESHOLDS.guessing / classes;
  };
  const reached = (record: RunRecord) => figureOf(evaluation(record, "test")!, metric)!;
  const bySeed = (
    seeds: readonly number[],
    records: readonly RunRecord[],
    of: (record: RunRecord) => number,
    failed: number,
  ) =>
    seeds.map((seed) => {
      const record = records.find(({ plan }) => plan.seed === seed);
      if (record === undefined) return null;
      return isFailed(record) ? failed : of(record);
    });
  return {
    value,
    validation: bySeed(
      spec.tune!.seeds,
      tuned,
      (record) => scoreOf(evaluation(record, "validation")!),
      0,
    ),
    test: bySeed(spec.seeds, compared, reached, guessing(facts)),
    validation_failed: tuned.filter(isFailed).length,
    test_failed: compared.filter(isFailed).length,
  };
}
