import { parseTime } from "#lib/time.ts";
import { planTuning, tunedArms } from "#spec/plan.ts";
import { planSensitivity } from "#spec/sweep/sensitivity.ts";
import { lookCounts } from "#spec/looks.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import { writtenRate } from "#spec/tuned.ts";
import { endOf, type RunRecord } from "#results/run.ts";
import type { Looks } from "#results/summary.ts";
import type { Question } from "../exercise.ts";
import { lossNotices } from "../loss_notices.ts";
import {
  type ProblemOf,
  recordsOf,
  type Seen,
  type Stage,
  type StageRecords,
  type StudyFacts,
} from "../study.ts";
import { type Evidence, evidenceOf } from "./evidence.ts";
import { exceedsBudget, lookRecord, openNeeds, planLook } from "./next_look.ts";
import { chooseRates, endsChosen, ratesBeyond, TuningFailure } from "./tuning.ts";

/** Tuning, then the looks: arms and cells of the sweep, with more seeds as long as something is open about them. */
export interface Stages {
  readonly tuning: readonly StageRecords[];
  readonly looks: readonly StageRecords[];
}

export function stagesOf(stages: readonly StageRecords[]): Stages {
  const isTuning = ({ plans }: StageRecords) => plans.some(({ role }) => role === "tune");
  return { tuning: stages.filter(isTuning), looks: stages.filter((stage) => !isTuning(stage)) };
}

/**
 * The stage after those that were run: each is planned from what those before it found.
 *
 * @returns `null` after the last one.
 * @throws {TuningFailure} where every run of an arm failed with every rate.
 */
export async function nextStage(
  facts: StudyFacts,
  questions: readonly Question[],
  stages: readonly StageRecords[],
  problemOf: ProblemOf,
  seen: Seen,
): Promise<Stage | null> {
  const { spec, files, data } = facts;
  const { tuning, looks } = stagesOf(stages);
  const isLast = looks.length + 1 >= lookCounts(spec).length;
  if (looks.length > 0) {
    const { plans } = nextLook(facts, questions, stages, seen);
    return plans.length === 0 ? null : { plans, foreseen: false, isLast, notices: [] };
  }

  const { rates, notices } = await nextRates(facts, tuning, problemOf);
  const trials = planTuning(spec, data.train.count, files, rates);
  if (trials.length > 0) return { plans: trials, foreseen: tuning.length === 0, isLast: false, notices };

  const { chosen } = ratesOf(facts, tuning);
  const untuned = recordsOf(tuning).find(({ plan }) => !chosen.has(plan.arm));
  if (untuned) throw new TuningFailure(untuned.plan.arm, ratesIn(tuning));
  const plans = planLook(facts, chosen, 0, null);
  const arms = plans.filter(({ role }) => role === "arm");
  return { plans, foreseen: true, isLast, notices: [...notices, ...lossNotices(arms)] };
}

/** The runs of the look after those that were taken, none where there is none, and why. */
function nextLook(
  facts: StudyFacts,
  questions: readonly Question[],
  stages: readonly StageRecords[],
  seen: Seen,
): { readonly plans: readonly RunPlan[]; readonly ended: Looks["ended"] } {
  const { tuning, looks } = stagesOf(stages);
  const isLast = looks.length >= lookCounts(facts.spec).length;
  // Without planned looks there is nothing to decide.
  if (isLast && !facts.spec.looks) return { plans: [], ended: "last look" };
  const needs = openNeeds(questions, evidenceIn(facts, questions, stages, seen));
  if (needs.open.length === 0) return { plans: [], ended: "decided" };
  const plans = planLook(facts, ratesOf(facts, tuning).chosen, looks.length, needs);
  if (isLast || plans.length === 0) return { plans: [], ended: "last look" };
  return exceedsBudget(facts.spec, recordsOf(stages), plans, seen)
    ? { plans: [], ended: "budget" }
    : { plans, ended: "unfinished" };
}

const ratesOf = ({ data }: StudyFacts, tuning: readonly StageRecords[]) =>
  chooseRates(recordsOf(tuning), data.classes.length);

/** The looks that were taken, for a summary; `null` where the spec plans none. */
export function looksTaken(
  facts: StudyFacts,
  questions: readonly Question[],
  stages: readonly StageRecords[],
  seen: Seen,
  interrupted: boolean,
): Looks | null {
  const { spec } = facts;
  if (!spec.looks) return null;
  const { tuning, looks } = stagesOf(stages);
  const counts = lookCounts(spec);
  const taken = looks.map(({ plans }, index) => {
    const sofar = [...tuning, ...looks.slice(0, index + 1)];
    return lookRecord(plans, counts[index]!, openNeeds(questions, evidenceIn(facts, questions, sofar, seen)));
  });
  return {
    planned: counts,
    taken,
    budget_s: parseTime(spec.looks.budget ?? ""),
    ended: interrupted || looks.length === 0 ? "unfinished" : nextLook(facts, questions, stages, seen).ended,
  };
}

/** The evidence of some stages. */
export function evidenceIn(
  { spec, data, files }: StudyFacts,
  questions: readonly Question[],
  stages: readonly StageRecords[],
  { predictions }: Pick<Seen, "predictions">,
): Evidence {
  const { tuning, looks } = stagesOf(stages);
  const found = chooseRates(recordsOf(tuning), data.classes.length);
  const records = recordsOf(looks);
  const of = (role: RunPlan["role"]) => records.filter(({ plan }) => plan.role === role);
  const isSwept = looks.some(({ plans }) => plans.some(({ role }) => role === "sweep"));
  return evidenceOf({
    spec,
    tuning: found.tuning,
    arms: of("arm"),
    cells: isSwept ? planSensitivity(spec, data.train.count, found.chosen, files) : [],
    sweep: of("sweep"),
    ...(spec.tune?.budgets && { budgets: { tuning: recordsOf(tuning), runs: of("budget") } }),
    classes: data.classes.length,
    images: { validation: data.validation.count, test: data.test.count },
    questions: questions.length,
    predictions: {
      of: (plan) => predictions.get(plan) ?? null,
      labels: { validation: data.validation.labels, test: data.test.labels },
    },
  });
}

/** No rates for each arm's own, then as many beyond them as the spec allows: those that every arm's schedule can have. */
async function nextRates(
  { spec, files, data }: StudyFacts,
  tuning: readonly StageRecords[],
  problemOf: ProblemOf,
): Promise<{ readonly rates?: readonly number[]; readonly notices: readonly string[] }> {
  if (tuning.length === 0) return { notices: [] };
  if (tuning.length > (spec.tune?.extend ?? 0)) return { rates: [], notices: [] };
  const { chosen, tuning: found } = chooseRates(recordsOf(tuning), data.classes.length);
  const ends = found.flatMap(endsChosen);
  const allFailed = tunedArms(spec).filter(({ name }) => !chosen.has(name));
  if (allFailed.length > 0) ends.push("low");
  // An arm that learnt nothing and never diverged may as well have had rates that are too small.
  const diverged = new Set(recordsOf(tuning).filter(isDiverged).map(({ plan }) => plan.arm));
  if (allFailed.some(({ name }) => !diverged.has(name))) ends.push("high");
  const beyond: { rate: number; problem: string | null }[] = [];
  for (const rate of ratesBeyond(ratesIn(tuning), ends)) {
    let problem: string | null = null;
    for (const plan of planTuning(spec, data.train.count, files, [rate])) problem ??= await problemOf(plan);
    beyond.push({ rate, problem });
  }
  return {
    rates: beyond.flatMap(({ rate, problem }) => problem === null ? rate : []),
    notices: beyond.flatMap(({ problem }) =>
      problem === null ? [] : `Tuning goes no further on that side: ${problem}`
    ),
  };
}

/** Every rate that was tried, in order. */
function ratesIn(tuning: readonly StageRecords[]): number[] {
  const plans = tuning.flatMap(({ plans }) => plans);
  return [...new Set(plans.map(({ schedule }) => writtenRate(schedule) as number))];
}

const isDiverged = (record: RunRecord) => endOf(record)?.reason === "diverged";
