import { missingStarts, planArms, planTuning } from "#spec/plan.ts";
import { isFinished, type RunPlan } from "#results/run.ts";
import type { Spec } from "#spec/schema.ts";
import { planSensitivity } from "#spec/sweep/sensitivity.ts";
import { checkQuestions, type Question } from "../exercise.ts";
import {
  type Conditions,
  recordsOf,
  type StageRecords,
  stepsOf,
  type StudyFacts,
  type StudyPlan,
  type TrainingStudy,
} from "../study.ts";
import { evidenceOf, type Results } from "./evidence.ts";
import { nextStage } from "./stages.ts";
import { summarise } from "./summarise.ts";
import { chooseRates } from "./tuning.ts";

/** The request of an experiment. */
export interface ExperimentRequest {
  readonly spec: Spec;
  /** Answered from the runs; none for a spec of one's own. */
  readonly questions: readonly Question[];
  /** The report's first paragraph; empty for a spec of one's own. */
  readonly introduction: string;
}

/** Tuning, then every arm with every seed, then the sensitivity sweep. */
export function experiment(request: ExperimentRequest): TrainingStudy<"experiment"> {
  const { name } = request.spec;
  return {
    kind: "experiment",
    name,
    stem: name,
    spec: request.spec,
    plan: (facts) => {
      checkQuestions(request.questions, facts.spec);
      return {
        ...foreseen(facts),
        next: (stages, problemOf) => nextStage(facts, stages, problemOf),
        summarise: (stages, conditions) => resultOf(request, facts, stages, conditions),
      };
    },
  };
}

/** Runs and steps of all stages; the rates that tuning will choose do not change them. */
function foreseen(
  { spec, data, files }: StudyFacts,
): Pick<StudyPlan<unknown>, "headline" | "totals" | "samples"> {
  const count = data.train.count;
  const anyRate = new Map(spec.arms.map(({ name }) => [name, spec.tune?.rates[0] ?? 0]));
  const stages: RunPlan[][] = [
    planTuning(spec, count, files),
    planArms(spec, count, anyRate, files),
    planSensitivity(spec, count, anyRate, files).flatMap(({ plans }) => plans),
  ];
  const plans = [...missingStarts(stages.flat()), ...stages.flat()];
  const steps = stepsOf(plans);
  return {
    headline: `${plans.length} runs, ${steps} steps`,
    totals: { runs: plans.length, steps, widest: Math.max(...stages.map(({ length }) => length)) },
    samples: plans.map((plan) => ({ plan, place: "" })),
  };
}

function resultOf(
  { questions, introduction }: ExperimentRequest,
  facts: StudyFacts,
  stages: readonly StageRecords[],
  { device, provenance, interrupted, predictions }: Conditions,
) {
  const { data } = facts;
  const evidence = evidenceOf({
    ...measuredIn(facts, stages),
    predictions: {
      of: (plan) => predictions.get(plan) ?? null,
      labels: { validation: data.validation.labels, test: data.test.labels },
    },
  });
  const complete = !interrupted && recordsOf(stages).every(isFinished);
  return summarise(evidence, { complete, data, device, questions, introduction, provenance });
}

function measuredIn({ spec, data, files }: StudyFacts, stages: readonly StageRecords[]): Results {
  const of = (role: RunPlan["role"]) => stages.filter(({ plans }) => plans[0]?.role === role);
  const { chosen, tuning } = chooseRates(recordsOf(of("tune")));
  return {
    spec,
    tuning,
    arms: recordsOf(of("arm")),
    cells: of("sweep").length > 0 ? planSensitivity(spec, data.train.count, chosen, files) : [],
    sweep: recordsOf(of("sweep")),
    classes: data.classes.length,
    images: { validation: data.validation.count, test: data.test.count },
  };
}
