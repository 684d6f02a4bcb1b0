import type { TrainEvent } from "#train/events.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { RunRecord } from "./record.ts";
import type { Summary } from "./summary.ts";

/** Where an experiment is kept. The app room has one on disk. */
export interface Store {
  writeSpec(text: string): Promise<void>;
  writePlans(plans: readonly RunPlan[]): Promise<void>;
  /** Starts a run's record; whatever an unfinished one left under the same name is dropped. */
  begin(record: Omit<RunRecord, "events">): Promise<void>;
  append(plan: RunPlan, events: readonly TrainEvent[]): Promise<void>;
  /** The record of this very plan if it was finished earlier, else `null`. */
  finished(plan: RunPlan): Promise<RunRecord | null>;
  /** Every record there is, finished or not. */
  records(): Promise<RunRecord[]>;
  writeSummary(summary: Summary): Promise<void>;
  writeReport(html: string): Promise<void>;
}

/** How a record ended; `null` while it has not. */
export function endOf(record: Pick<RunRecord, "events">): Extract<TrainEvent, { kind: "ended" }> | null {
  const last = record.events.at(-1);
  return last?.kind === "ended" ? last : null;
}

/** Whether a record needs no running again. A run that was stopped starts again from its beginning. */
export function isFinished(record: Pick<RunRecord, "events">): boolean {
  const end = endOf(record);
  return end !== null && end.reason !== "stopped";
}
