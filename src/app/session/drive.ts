import type { RunPlan } from "#results/run.ts";
import type { ProblemOf, Seen, Stage, StageRecords, StudyPlan } from "#study/study.ts";
import type { KnownRuns } from "./known_runs.ts";
import type { Runner } from "./runner.ts";

/**
 * Brings the runs of a stage about: trains them, or as many as are this process's to train. Returns those that are still
 * missing, which others have to train; none where all are known, were left out or a stop was asked for.
 */
export type RunStage = (plans: readonly RunPlan[]) => Promise<readonly RunPlan[]>;

/** Trains every run of a stage that is not known. */
export function trainAll(known: Pick<KnownRuns, "find">, { train }: Runner): RunStage {
  return async (plans) => {
    await train(await known.find(plans));
    return [];
  };
}

export interface DriveOptions {
  readonly run: RunStage;
  readonly known: Pick<KnownRuns, "records">;
  readonly problemOf: ProblemOf;
  /** Facts that the next stage may depend on, after some stages. */
  readonly seen: (done: readonly StageRecords[]) => Promise<Seen>;
  /** Asked before each stage. */
  readonly isStopped: () => boolean;
  /** Called before a stage is run, with the stages before it. */
  readonly onStage: (stage: Stage, done: readonly StageRecords[]) => Promise<void>;
  /** Called after a stage without a failure, with that one among them. */
  readonly onDone: (done: readonly StageRecords[]) => Promise<void>;
}

/** The stages as far as they were run, and what broke the last one. */
export interface Driven {
  readonly stages: readonly StageRecords[];
  /** Runs of the last stage that others have to train before there can be a next one. */
  readonly missing: readonly RunPlan[];
  readonly failure: Error | null;
}

/** Runs stage after stage until there is no next one, a stop is asked for, runs are missing, or something fails. */
export async function drive(
  { next }: Pick<StudyPlan<unknown>, "next">,
  { run, known, problemOf, seen, isStopped, onStage, onDone }: DriveOptions,
): Promise<Driven> {
  const stages: StageRecords[] = [];
  try {
    for (let stage; !isStopped() && (stage = await next(stages, problemOf, await seen(stages))) !== null;) {
      await onStage(stage, stages);
      let missing: readonly RunPlan[];
      try {
        missing = await run(stage.plans);
      } finally {
        // Records from before a failure are saved too.
        stages.push({ plans: stage.plans, records: known.records(stage.plans) });
      }
      if (missing.length > 0) return { stages, missing, failure: null };
      await onDone(stages);
    }
    return { stages, missing: [], failure: null };
  } catch (error) {
    return { stages, missing: [], failure: error as Error };
  }
}
