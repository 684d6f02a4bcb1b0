import type { StartFiles } from "#spec/chain.ts";
import { planArms, planTuning, tunedArms } from "#spec/plan.ts";
import type { Spec } from "#spec/schema.ts";
import type { PlannedCell } from "#spec/sweep/cells.ts";
import { planSensitivity } from "#spec/sweep/sensitivity.ts";
import type { TrainingData } from "#train/data.ts";
import type { Results } from "./evidence.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import type { Runner } from "#app/session/runner.ts";
import { isFinished } from "#results/run.ts";
import { chooseRates, endsChosen, ratesBeyond, TuningFailure } from "./tuning.ts";

/** Tuning, then the arms, then the sensitivity sweep: each stage is planned from what the one before found. */
export interface Stages {
  /** Goes on until all is run, or `stopped` says so between two stages. @throws {TuningFailure} */
  run(stopped: () => boolean): Promise<void>;
  /** Whether every run of every stage came to its end. */
  isComplete(): boolean;
  /** What there is so far. */
  results(): Results;
}

export interface StagesOptions {
  readonly spec: Spec;
  readonly data: Pick<TrainingData, "classes" | "train" | "validation" | "test">;
  readonly files: StartFiles;
  readonly runner: Runner;
  /** Told of all plans so far before new ones are run. */
  readonly writePlans: (plans: readonly RunPlan[]) => Promise<void>;
  /**
   * Whether a schedule can have the rate that a plan gives it, after telling why where it cannot: tuning leaves out rates
   * that one of the arms cannot have.
   */
  readonly fits: (plan: RunPlan) => boolean;
  /** Told of runs that nobody could foresee: those of rates beyond the range that was asked for. */
  readonly onMore: (plans: readonly RunPlan[]) => void;
}

export function createStages(
  { spec, data, files, runner, writePlans, fits, onMore }: StagesOptions,
): Stages {
  const count = data.train.count;
  const planned: RunPlan[] = [];
  let tuning: RunRecord[] = [];
  let arms: RunRecord[] = [];
  let sweep: RunRecord[] = [];
  let cells: PlannedCell[] = [];
  let reachedEnd = false;

  const stage = async (plans: readonly RunPlan[], keep: (records: RunRecord[]) => void) => {
    planned.push(...plans);
    await writePlans(planned);
    try {
      await runner.run(plans);
    } finally {
      keep(runner.records(plans));
    }
  };
  /** Tries the spec's rates, then as many beyond them as the spec allows; all that were tried. */
  const tune = async (stopped: () => boolean): Promise<number[]> => {
    const tried: number[] = [];
    const arms = tunedArms(spec).map(({ name }) => name);
    let rates: readonly number[] = spec.tune?.rates ?? [];
    for (let extensions = 0; rates.length > 0; extensions++) {
      const plans = planTuning(spec, count, files, rates);
      const earlier = tuning;
      if (extensions > 0) onMore(plans);
      await stage(plans, (records) => tuning = [...earlier, ...records]);
      tried.push(...rates);
      if (stopped() || extensions === (spec.tune?.extend ?? 0)) break;
      const { chosen, tuning: found } = chooseRates(tuning);
      const ends = found.flatMap(endsChosen);
      if (arms.some((arm) => !chosen.has(arm))) ends.push("low");
      rates = ratesBeyond(tried, ends).filter((rate) => planTuning(spec, count, files, [rate]).every(fits));
    }
    return tried;
  };
  return {
    run: async (stopped) => {
      const rates = await tune(stopped);
      if (stopped()) return;
      const { chosen } = chooseRates(tuning);
      const untuned = tuning.find(({ plan }) => !chosen.has(plan.arm));
      if (untuned) throw new TuningFailure(untuned.plan.arm, rates);
      await stage(planArms(spec, count, chosen, files), (records) => arms = records);
      if (stopped()) return;
      cells = planSensitivity(spec, count, chosen, files);
      await stage(cells.flatMap(({ plans }) => plans), (records) => sweep = records);
      reachedEnd = !stopped();
    },
    isComplete: () => reachedEnd && [...tuning, ...arms, ...sweep].every(isFinished),
    results: () => ({
      spec,
      tuning: chooseRates(tuning).tuning,
      arms,
      cells,
      sweep,
      classes: data.classes.length,
      images: { validation: data.validation.count, test: data.test.count },
    }),
  };
}
