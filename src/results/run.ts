import { z } from "zod";
import type { EndedEvent, TrainEvent } from "#train/events.ts";
import type { DatasetRequest, RunPlan } from "#spec/run_plan.ts";
import { runPlanSchema } from "#spec/run_plan_schema.ts";
import { type DataOf, resultFile } from "./file.ts";
import { device, type DeviceInfo, versions } from "./provenance.ts";
import { asVersion2, renamed } from "./upgrade.ts";

export type { DatasetRequest, DeviceInfo, RunPlan };

/** `run.json`: the plan of a run and what made it; its events lie beside it in `events.jsonl`. */
export const runFile = resultFile({
  name: "run.json",
  id: "run",
  schema: z.object({
    version: z.literal(2),
    plan: runPlanSchema,
    provenance: z.object({
      at: z.string().describe("when it was begun, ISO 8601"),
      device,
      data_digest: z.string().describe("SHA-256 (hex) of the training data"),
      commit: z.string().nullable(),
      versions,
      reused_from: z.string().exactOptional()
        .describe(
          "folder of the run that this one was copied from, where another experiment had made the same run",
        ),
    }),
  }).describe("one run: everything that decides its numbers, and what made it"),
  upgrade: (data) => asVersion2(planOfVersion2(renamed(data, { made: "provenance" }))),
});

/** `plan.json`: the runs of an experiment as they were planned. A resumed experiment reads which had begun. */
export const plansFile = resultFile({
  name: "plan.json",
  id: "plan",
  schema: z.object({
    version: z.literal(2),
    plans: z.array(runPlanSchema),
  }).describe("the runs of an experiment as they were planned"),
  upgrade: (plans) => ({ version: 2, plans: planOfVersion2(plans) }),
});

/** Names in plans that were others in version 1. */
function planOfVersion2(data: unknown): unknown {
  return renamed(data, { updates: "steps" }, ["schedule", "optimizer"]);
}

/** A run as it is known: from its folder, or while it is trained. */
export interface RunRecord extends Omit<DataOf<typeof runFile.schema>, "version"> {
  readonly events: readonly TrainEvent[];
}

/**
 * The end of a record; `null` while it has none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { endOf } from "#results/run.ts";
 *
 * const ended = { kind: "ended", step: 300, reason: "diverged", detail: "NaN", ms_per_step: 2 } as const;
 * assert.equal(endOf({ events: [ended] })?.reason, "diverged");
 * assert.equal(endOf({ events: [] }), null);
 * ```
 */
export function endOf(record: Pick<RunRecord, "events">): EndedEvent | null {
  const last = record.events.at(-1);
  return last?.kind === "ended" ? last : null;
}

/** True for a record whose run came to its last step: it neither diverged nor was stopped. */
export function reachedEnd(record: Pick<RunRecord, "events">): boolean {
  return endOf(record)?.reason === "budget";
}

/**
 * True for a record whose run has ended. A run that was stopped continues from its last checkpoint.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isFinished } from "#results/run.ts";
 *
 * const ended = { kind: "ended", step: 300, detail: null, ms_per_step: 2 } as const;
 * assert.ok(isFinished({ events: [{ ...ended, reason: "budget" }] }));
 * assert.ok(!isFinished({ events: [{ ...ended, reason: "stopped" }] }));
 * ```
 */
export function isFinished(record: Pick<RunRecord, "events">): boolean {
  const end = endOf(record);
  return end !== null && end.reason !== "stopped";
}
