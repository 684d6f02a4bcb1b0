import type { TrainEvent } from "#train/events.ts";
import type { DatasetRequest, RunPlan } from "#spec/run_plan.ts";
import type { DeviceInfo } from "./provenance.ts";

export type { DatasetRequest, DeviceInfo, RunPlan };

export interface RunRecord {
  readonly version: 1;
  readonly plan: RunPlan;
  readonly provenance: {
    readonly at: string;
    readonly device: DeviceInfo;
    readonly data_digest: string;
    readonly commit: string | null;
    readonly versions: Readonly<Record<string, string>>;
    /** Folder of the run that this one was copied from, where another experiment had made the same run. */
    readonly reused_from?: string;
  };
  readonly events: readonly TrainEvent[];
}

/** How a record ended; `null` while it has not. */
export function endOf(record: Pick<RunRecord, "events">): Extract<TrainEvent, { kind: "ended" }> | null {
  const last = record.events.at(-1);
  return last?.kind === "ended" ? last : null;
}

/** Whether a record needs no running again. A run that was stopped goes on from its last checkpoint. */
export function isFinished(record: Pick<RunRecord, "events">): boolean {
  const end = endOf(record);
  return end !== null && end.reason !== "stopped";
}
