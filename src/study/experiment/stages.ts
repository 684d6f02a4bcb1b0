import { planArms, planTuning, tunedArms } from "#spec/plan.ts";
import { planSensitivity } from "#spec/sweep/sensitivity.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import { rateKey } from "#spec/tuned.ts";
import { type ProblemOf, recordsOf, type Stage, type StageRecords, type StudyFacts } from "../study.ts";
import { chooseRates, endsChosen, ratesBeyond, TuningFailure } from "./tuning.ts";

/**
 * Tuning, then the arms, then the sensitivity sweep: each stage is planned from what those before it found.
 *
 * @returns `null` after the last one.
 * @throws {TuningFailure} where every rate of an arm diverged.
 */
export function nextStage(
  facts: StudyFacts,
  stages: readonly StageRecords[],
  problemOf: ProblemOf,
): Stage | null {
  const { spec, files, data } = facts;
  const isDone = (role: RunPlan["role"]) => stages.some(({ plans }) => plans[0]!.role === role);
  const tuning = stages.filter(({ plans }) => plans[0]!.role === "tune");
  if (isDone("sweep")) return null;
  if (isDone("arm")) {
    const cells = planSensitivity(spec, data.train.count, chooseRates(recordsOf(tuning)).chosen, files);
    return cells.length === 0 ? null : stageOf(cells.flatMap(({ plans }) => plans));
  }

  const { rates, notices } = nextRates(facts, tuning, problemOf);
  const trials = planTuning(spec, data.train.count, files, rates);
  if (trials.length > 0) return { plans: trials, foreseen: tuning.length === 0, notices };

  const { chosen } = chooseRates(recordsOf(tuning));
  const untuned = recordsOf(tuning).find(({ plan }) => !chosen.has(plan.arm));
  if (untuned) throw new TuningFailure(untuned.plan.arm, ratesIn(tuning));
  return { ...stageOf(planArms(spec, data.train.count, chosen, files)), notices };
}

const stageOf = (plans: readonly RunPlan[]): Stage => ({ plans, foreseen: true, notices: [] });

/** The spec's rates, then as many beyond them as the spec allows: those that every arm's schedule can have. */
function nextRates(
  { spec, files, data }: StudyFacts,
  tuning: readonly StageRecords[],
  problemOf: ProblemOf,
): { readonly rates: readonly number[]; readonly notices: readonly string[] } {
  if (tuning.length === 0) return { rates: spec.tune?.rates ?? [], notices: [] };
  if (tuning.length > (spec.tune?.extend ?? 0)) return { rates: [], notices: [] };
  const { chosen, tuning: found } = chooseRates(recordsOf(tuning));
  const ends = found.flatMap(endsChosen);
  if (tunedArms(spec).some(({ name }) => !chosen.has(name))) ends.push("low");
  const beyond = ratesBeyond(ratesIn(tuning), ends).map((rate) => {
    const plans = planTuning(spec, data.train.count, files, [rate]);
    const problem = plans.reduce<string | null>((first, plan) => first ?? problemOf(plan), null);
    return { rate, problem };
  });
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
  return [...new Set(plans.map(({ schedule }) => schedule[rateKey(schedule)] as number))];
}
