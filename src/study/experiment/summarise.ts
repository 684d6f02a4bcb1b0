import { hasMasks, hasText } from "#results/score.ts";
import { comparedArms } from "#spec/lineage.ts";
import { modelsText } from "#spec/model_text.ts";
import type { Spec } from "#spec/schema.ts";
import { CROSS_ENTROPY, isSameLoss } from "#train/loss.ts";
import type { Evidence } from "./evidence.ts";
import { type DataFacts, datasetOf } from "../study.ts";
import { answersTo, type Question } from "../exercise.ts";
import {
  comparedMetrics,
  finalFigures,
  maskFigures,
  type Metric,
  metricOf,
  textFigures,
} from "#results/metrics.ts";
import { budgetSummaries } from "./budget_summary.ts";
import { diagnose } from "./diagnose.ts";
import { modelsOf } from "./models.ts";
import type { DeviceInfo, RunRecord } from "#results/run.ts";
import { endOf, isFinished } from "#results/run.ts";
import type { ArmSummary, Looks, RunSummary, Summary } from "#results/summary.ts";
import { failed } from "./diagnostics.ts";

export interface SummaryFacts {
  readonly complete: boolean;
  readonly data: DataFacts;
  readonly device: DeviceInfo;
  readonly provenance: Summary["provenance"];
  readonly questions: readonly Question[];
  /** The report's first paragraph. */
  readonly introduction: string;
  /** Absent where none are planned. */
  readonly looks?: Looks | null;
}

/** Records to what is written as `summary.json`. */
export function summarise(
  evidence: Evidence,
  { complete, data, device, provenance, questions, introduction, looks = null }: SummaryFacts,
): Summary {
  const { spec, baseline } = evidence;
  const budgets = budgetSummaries(evidence);
  const others = comparedArms(spec).map(({ name }) => name).filter((name) => name !== baseline);
  return {
    version: 2,
    name: spec.name,
    complete,
    dataset: datasetOf(data),
    introduction,
    model: modelsText(spec),
    target: evidence.target,
    device,
    provenance,
    arms: spec.arms.map((arm) => armSummary(evidence, arm)),
    tuning: evidence.tuning,
    ...(budgets.length > 0 && { budgets }),
    comparisons: others.flatMap((arm) => [
      ...metricsOf(evidence, arm).map((metric) => evidence.compare(arm, baseline, metric)),
      ...namedMetrics(evidence, arm).map((metric) => evidence.compare(arm, baseline, metric)),
    ]),
    failures: others.map((arm) => evidence.compareFailures(arm, baseline)),
    ...(looks !== null && { looks }),
    sweep: evidence.sweep,
    answers: answersTo(questions, evidence),
    diagnostics: diagnose(evidence),
  };
}

/**
 * Arms that make different losses small are compared by validation loss, which is cross-entropy for all. The same
 * loss is another one where its weights go by what was measured.
 */
function metricsOf({ spec, baseline, values }: Evidence, arm: string): readonly Metric[] {
  const [one, other] = [arm, baseline].map((wanted) =>
    spec.arms.find(({ name }) => name === wanted)?.loss ?? spec.loss ?? CROSS_ENTROPY
  );
  const compared = comparedMetrics((key) => [arm, baseline].some((one) => values(one, key).size > 0))
    .map(({ key }) => key);
  if (isSameLoss(one!, other!) && one!.name !== "adaptive_dynamic_hybrid") return compared;
  return compared.map((metric) => metric === "training_loss" ? "validation_loss" : metric);
}

/** Averages that both have, and ensembles where either is more than its final weights. */
function namedMetrics({ spec, baseline, values, ensembles }: Evidence, arm: string): Metric[] {
  const averages = spec.arms.flatMap((one) => one.averages ?? spec.averages ?? []);
  const isJoined = [arm, baseline].some((one) => ensembles(one).some(({ members }) => members > 1));
  const names = new Set([
    ...averages.filter(({ kind }) => kind !== "cycle").map(({ name }) => name),
    ...(isJoined ? ["ensemble", "cycles"] : []),
  ]);
  const metrics = [...names].flatMap((name): Metric[] => [
    `test_accuracy:${name}`,
    `test_dice:${name}`,
    `test_perplexity:${name}`,
  ]);
  return metrics.filter((metric) => [arm, baseline].every((one) => values(one, metric).size > 0));
}

function armSummary(evidence: Evidence, arm: Spec["arms"][number]): ArmSummary {
  const records = evidence.records(arm.name);
  const ensembles = evidence.ensembles(arm.name).filter(({ members }) => members > 1);
  return {
    name: arm.name,
    // With the rate that tuning chose, where there was tuning and a run.
    schedule: records[0]?.plan.schedule ?? arm.schedule,
    ...(arm.compare === false && { compared: false as const }),
    runs: records.map((record) => runSummary(record, evidence)),
    ...(ensembles.length > 0 && { ensembles }),
  };
}

function runSummary(record: RunRecord, { lineage, target, classes }: Evidence): RunSummary {
  const end = endOf(record);
  const models = modelsOf(record);
  return {
    seed: record.plan.seed,
    ...(record.plan.member && { member: record.plan.member }),
    steps: end?.step ?? record.events.filter(({ kind }) => kind === "step").length,
    diverged: end?.reason === "diverged",
    ...(isFinished(record) && failed(record, classes) && { failed: true as const }),
    reason: end?.reason ?? "stopped",
    detail: end?.detail ?? null,
    ms_per_step: end?.ms_per_step ?? null,
    steps_to_target: metricOf(lineage(record), "steps_to_target", target),
    final: finalFigures((metric) => metricOf(lineage(record), metric, target)),
    ...(hasMasks(record) && { masks: maskFigures((metric) => metricOf(lineage(record), metric, target)) }),
    ...(hasText(record) && { text: textFigures((metric) => metricOf(lineage(record), metric, target)) }),
    ...(models.length > 1 && { models }),
  };
}
