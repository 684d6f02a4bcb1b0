import type { DeviceInfo, RunPlan, RunRecord } from "#results/run.ts";
import type { RangeTestResult } from "#results/lr_range.ts";
import type { SplitStudy } from "#results/shard.ts";
import type { Summary } from "#results/summary.ts";
import type { SweepOutcome } from "#results/sweep.ts";
import type { StartFiles } from "#spec/lineage.ts";
import type { Spec } from "#spec/schema.ts";
import type { TheorySummary } from "#results/theory.ts";
import type { TrainingData } from "#train/data.ts";
import type { RunPredictions } from "./experiment/predictions.ts";

/**
 * A question as plain data and pure functions: `plan`, then `next` until there are no more runs, then `summarise`. The
 * session of the app loads data, trains what `next` asks for, and writes what `summarise` returns.
 */
export type Study<K extends Kind> = TrainingStudy<K> | SimulatedStudy<K>;

/** The result of each kind of study. */
export interface StudyResults {
  readonly experiment: Summary;
  readonly sweep: SweepOutcome;
  readonly "range test": RangeTestResult;
  readonly theory: TheorySummary;
  readonly verification: VerifiedRun;
}

export type Kind = keyof StudyResults;

interface StudyBase<K extends Kind> {
  readonly kind: K;
  /** Title in messages. */
  readonly name: string;
  /** Beginning of the folder's name where none is given. */
  readonly stem: string;
  /**
   * The options by which a folder's earlier result is another study of the same kind and spec, as a phrase for an
   * error; `null` where it is the same study.
   */
  difference?(earlier: StudyResults[K]): string | null;
}

/** A study that trains. */
export interface TrainingStudy<K extends Kind> extends StudyBase<K> {
  readonly spec: Spec;
  /** The request beside the spec, as shards save it; `null` for a study that cannot be split into shards. */
  readonly asked: SplitStudy | null;
  /** @throws {PlanError} for what cannot be planned. */
  plan(facts: StudyFacts): StudyPlan<StudyResults[K]>;
}

/** A study without runs: its plan computes everything. */
export interface SimulatedStudy<K extends Kind> extends StudyBase<K> {
  readonly spec: null;
  plan(): (provenance: () => Provenance) => StudyResults[K];
}

/** Facts that a plan needs besides the options of the command. */
export interface StudyFacts {
  /** With the digests of the modules that its schedules name. */
  readonly spec: Spec;
  readonly data: DataFacts;
  /** The checkpoint files that arms start from. */
  readonly files: StartFiles;
}

export type DataFacts = Pick<
  TrainingData,
  "name" | "classes" | "text" | "train" | "validation" | "test" | "digest"
>;

export interface StudyPlan<Result> {
  /** The runs to come, in a few words: `12 runs, 3600 steps`. */
  readonly headline: string;
  readonly totals: Totals;
  /** Plans that stand for all foreseeable ones: their schedules are checked before anything runs. */
  readonly samples: readonly Sample[];
  /**
   * The stage after those that were run; `null` after the last one.
   *
   * @param problemOf why a plan's schedule does not fit its run; `null` where it does.
   * @param seen what is known beside the records; nothing where left out.
   * @throws {TuningFailure} where no stage can follow.
   */
  next(stages: readonly StageRecords[], problemOf: ProblemOf, seen?: Seen): Promise<Stage | null>;
  /** The result as far as the stages go. */
  summarise(stages: readonly StageRecords[], conditions: Conditions): Result;
  /** Name of a run in the progress; its arm where left out. */
  label?(plan: RunPlan): string;
}

/** Facts that a next stage may depend on beside the records of those before. */
export interface Seen {
  /** Seconds since the study began, those of earlier sessions among them. */
  readonly elapsedS: number;
  /** Ids of the runs that had been begun, or were about to be, when the study was broken off; none for a new one. */
  readonly begun: ReadonlySet<string>;
  /** The saved predictions of the runs. */
  readonly predictions: ReadonlyMap<RunPlan, RunPredictions>;
}

export const SEEN_NOTHING: Seen = { elapsedS: 0, begun: new Set(), predictions: new Map() };

/** Asynchronous: the module of a custom schedule is run elsewhere. */
export type ProblemOf = (plan: RunPlan) => Promise<string | null>;

/** The size of a study, as far as it can be foreseen. */
export interface Totals {
  readonly runs: number;
  /** Steps of all these runs. */
  readonly steps: number;
  /** Runs that share the cores: decides the threads of each, and with them how sums are rounded. */
  readonly widest: number;
  /** Most runs that could be trained at the same time; the same as `widest` where left out. */
  readonly atOnce?: number;
}

export interface Sample {
  readonly plan: RunPlan;
  /** Beginning of an error about it; may be empty. */
  readonly place: string;
}

/** Runs that are trained at the same time, as far as workers and starting points allow. */
export interface Stage {
  readonly plans: readonly RunPlan[];
  /** True where the totals count these runs. */
  readonly foreseen: boolean;
  /** True where no stage follows, whatever these runs show. */
  readonly isLast: boolean;
  /** Messages that come before it. */
  readonly notices: readonly string[];
}

/** A stage after it was run. */
export interface StageRecords {
  readonly plans: readonly RunPlan[];
  /** In the order of the plans; a run that was never started has none. */
  readonly records: readonly RunRecord[];
}

export type Provenance = Omit<Summary["provenance"], "spec_digest" | "jobs">;

/** The conditions under which a result was measured. */
export interface Conditions {
  readonly device: DeviceInfo;
  readonly provenance: Summary["provenance"];
  /** True where the study was stopped, or failed, before its end. */
  readonly interrupted: boolean;
  /** The saved predictions of the runs. */
  readonly predictions: ReadonlyMap<RunPlan, RunPredictions>;
}

/** One run, and what it was trained on. */
export interface VerifiedRun {
  readonly device: DeviceInfo;
  /** `null` where it was not started. */
  readonly record: RunRecord | null;
}

/** The records of all stages. */
export function recordsOf(stages: readonly StageRecords[]): RunRecord[] {
  return stages.flatMap(({ records }) => records);
}

/** Sizes and digest of a data set, as in results. */
export function datasetOf({ name, text, train, validation, test, digest }: DataFacts): Summary["dataset"] {
  const entropy = text?.entropy ?? null;
  return {
    name,
    train: train.count,
    validation: validation.count,
    test: test.count,
    digest,
    ...(entropy !== null && { entropy }),
  };
}

/** Steps of runs, without those of the runs that they start from. */
export function stepsOf(plans: readonly RunPlan[]): number {
  return plans.reduce((sum, { total_steps, first_step = 0 }) => sum + total_steps - first_step, 0);
}
