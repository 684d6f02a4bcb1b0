import { counted } from "#lib/numbers.ts";
import { lookCounts } from "#spec/looks.ts";
import { missingStarts, planTuning, ratesOf } from "#spec/plan.ts";
import { isFinished, type RunPlan } from "#results/run.ts";
import type { Spec } from "#spec/schema.ts";
import { checkQuestions, type Question } from "../exercise.ts";
import {
  type Conditions,
  recordsOf,
  SEEN_NOTHING,
  type StageRecords,
  stepsOf,
  type StudyFacts,
  type StudyPlan,
  type TrainingStudy,
} from "../study.ts";
import { planLook } from "./next_look.ts";
import { evidenceIn, looksTaken, nextStage } from "./stages.ts";
import { summarise } from "./summarise.ts";

/** The request of an experiment. */
export interface ExperimentRequest {
  readonly spec: Spec;
  /** Answered from the runs; none for a spec of one's own. */
  readonly questions: readonly Question[];
  /** The report's first paragraph; empty for a spec of one's own. */
  readonly introduction: string;
}

/** Tuning, then every arm and cell of the sweep with every seed, or look by look. */
export function experiment(request: ExperimentRequest): TrainingStudy<"experiment"> {
  const { name } = request.spec;
  return {
    kind: "experiment",
    name,
    stem: name,
    spec: request.spec,
    asked: { kind: "experiment" },
    plan: (facts) => {
      checkQuestions(request.questions, facts.spec);
      return {
        ...foreseen(facts),
        next: (stages, problemOf, seen = SEEN_NOTHING) =>
          nextStage(facts, request.questions, stages, problemOf, seen),
        summarise: (stages, conditions) => resultOf(request, facts, stages, conditions),
      };
    },
  };
}

/** Runs and steps of tuning and the first look; the rates that tuning will choose do not change them. */
function foreseen(facts: StudyFacts): Pick<StudyPlan<unknown>, "headline" | "totals" | "samples"> {
  const { spec, data, files } = facts;
  const count = data.train.count;
  const anyRate = new Map(spec.arms.map((arm) => [arm.name, ratesOf(spec, arm)[0] ?? 0]));
  const looks = lookCounts(spec).map((_, look) => planLook(facts, anyRate, look, null));
  const stages: RunPlan[][] = [planTuning(spec, count, files), looks[0]!];
  const plans = withStarts(stages.flat());
  const steps = stepsOf(plans);
  const most = withStarts([...stages.flat(), ...looks.slice(1).flat()]).length;
  const more = looks.length > 1 ? `, up to ${most} as long as something is open` : "";
  return {
    headline: `${counted(plans.length, "run")}, ${steps} steps${more}`,
    totals: { runs: plans.length, steps, widest: Math.max(...stages.map(({ length }) => length)) },
    samples: plans.map((plan) => ({ plan, place: "" })),
  };
}

const withStarts = (plans: readonly RunPlan[]) => [...missingStarts(plans), ...plans];

function resultOf(
  { questions, introduction }: ExperimentRequest,
  facts: StudyFacts,
  stages: readonly StageRecords[],
  { device, provenance, interrupted, predictions }: Conditions,
) {
  const seen = { elapsedS: provenance.wall_s, begun: new Set<string>(), predictions };
  const complete = !interrupted && recordsOf(stages).every(isFinished);
  return summarise(evidenceIn(facts, questions, stages, seen), {
    complete,
    data: facts.data,
    device,
    questions,
    introduction,
    provenance,
    looks: looksTaken(facts, questions, stages, seen, interrupted),
  });
}
