import type { StartFiles } from "#spec/chain.ts";
import { planArms, planSweep, planTuning, type SweepCell } from "#spec/plan.ts";
import type { Spec } from "#spec/schema.ts";
import type { TrainingData } from "#train/data.ts";
import type { Results } from "./evidence.ts";
import type { RunPlan, RunRecord } from "./record.ts";
import type { Runner } from "./runner.ts";
import { isFinished } from "./store.ts";
import { chooseRates, TuningFailure } from "./tuning.ts";

/** Tuning, then the arms, then the sensitivity sweep: each stage is planned from what the one before found. */
export interface Stages {
  /** Goes on until all is run, or `stopped` says so between two stages. @throws {TuningFailure} */
  run(stopped: () => boolean): Promise<void>;
  /** Whether every run of every stage came to its end. */
  isComplete(): boolean;
  /** What there is so far. */
  results(): Results;
}

export function createStages(
  spec: Spec,
  data: Pick<TrainingData, "classes" | "train" | "validation" | "test">,
  files: StartFiles,
  runner: Runner,
  writePlans: (plans: readonly RunPlan[]) => Promise<void>,
): Stages {
  const count = data.train.count;
  const planned: RunPlan[] = [];
  let tuning: RunRecord[] = [];
  let arms: RunRecord[] = [];
  let sweep: RunRecord[] = [];
  let cells: SweepCell[] = [];
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
  return {
    run: async (stopped) => {
      await stage(planTuning(spec, count, files), (records) => tuning = records);
      if (stopped()) return;
      const { chosen } = chooseRates(tuning);
      const untuned = tuning.find(({ plan }) => !chosen.has(plan.arm));
      if (untuned) throw new TuningFailure(untuned.plan.arm, spec.tune?.rates ?? []);
      await stage(planArms(spec, count, chosen, files), (records) => arms = records);
      if (stopped()) return;
      cells = planSweep(spec, count, chosen, files);
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
