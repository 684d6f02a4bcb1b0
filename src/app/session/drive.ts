import type { ProblemOf, Seen, Stage, StageRecords, StudyPlan } from "#study/study.ts";
import type { Runner } from "./runner.ts";

export interface DriveOptions {
  readonly runner: Runner;
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
  readonly failure: Error | null;
}

/** Runs stage after stage until there is no next one, a stop is asked for, or something fails. */
export async function drive(
  { next }: Pick<StudyPlan<unknown>, "next">,
  { runner, problemOf, seen, isStopped, onStage, onDone }: DriveOptions,
): Promise<Driven> {
  const stages: StageRecords[] = [];
  try {
    for (let stage; !isStopped() && (stage = await next(stages, problemOf, await seen(stages))) !== null;) {
      await onStage(stage, stages);
      try {
        await runner.run(stage.plans);
      } finally {
        // Records from before a failure are saved too.
        stages.push({ plans: stage.plans, records: runner.records(stage.plans) });
      }
      await onDone(stages);
    }
    return { stages, failure: null };
  } catch (error) {
    return { stages, failure: error as Error };
  }
}
