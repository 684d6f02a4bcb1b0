import type { TrainEvent } from "#train/events.ts";
import type { RunPlan, StartPlan } from "#spec/run_plan.ts";
import type { RunRecord } from "#results/run.ts";
import type { Summary } from "#results/summary.ts";

/** A file that a run leaves beside its events, by its name in the run's folder. */
export interface RunFile {
  /** `checkpoint.safetensors`, `end.safetensors`, `predictions.safetensors`, `snapshots/cycle-2.safetensors`,
   * `averages/ema.safetensors`, `masks/step-40.safetensors`. */
  readonly name: string;
  /** `null` removes the file: a snapshot beyond the limit. */
  readonly bytes: Uint8Array | null;
}

/** The storage of a study. */
export interface Store {
  writeSpec(text: string): Promise<void>;
  writePlans(plans: readonly RunPlan[]): Promise<void>;
  /** Starts a run's record; whatever an unfinished one left under the same name is dropped. */
  begin(record: Omit<RunRecord, "events">): Promise<void>;
  append(plan: RunPlan, events: readonly TrainEvent[]): Promise<void>;
  /** Writes or removes a file of a run's folder, after everything that was appended before. */
  keep(plan: RunPlan, file: RunFile): Promise<void>;
  /** A file of a run's folder; `null` where it is not there. */
  file(plan: RunPlan, name: string): Promise<Uint8Array | null>;
  /** The checkpoint file that runs start from. @throws where it is missing or was changed since the plan. */
  startFile(start: Extract<StartPlan, { kind: "file" }>): Promise<Uint8Array>;
  /**
   * The state in which a run of this very plan was interrupted: its newest whole checkpoint and the events until then, its
   * record cut back to that. `null` where there is none that can be used.
   */
  brokenOff(plan: RunPlan, provenance: RunRecord["provenance"]): Promise<BrokenOff | null>;
  /** The record of this very plan if it was finished earlier, else `null`. */
  finished(plan: RunPlan): Promise<RunRecord | null>;
  /** Every record there is, finished or not. */
  records(): Promise<RunRecord[]>;
  writeSummary(summary: Summary): Promise<void>;
  writeReport(html: string): Promise<void>;
}

export interface BrokenOff {
  readonly checkpoint: Uint8Array;
  readonly events: readonly TrainEvent[];
}
