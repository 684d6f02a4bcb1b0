import { canonicalJson } from "#lib/json.ts";
import type { RunPlan } from "#results/run.ts";
import type { Hparams } from "./messages.ts";

/**
 * The runs that TensorBoard averages over their seeds: those of an arm; of tuning and sweeps, those of one cell.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { groupOf } from "#trackers/tensorboard/hparams.ts";
 *
 * assert.equal(groupOf({ role: "arm", arm: "cosine", id: "cosine-3" }), "cosine");
 * assert.equal(groupOf({ role: "tune", arm: "cosine", id: "tune-cosine-0.1-101" }), "cosine, tune-cosine-0.1");
 * ```
 */
export function groupOf({ role, arm, id }: Pick<RunPlan, "role" | "arm" | "id">): string {
  return role === "arm" ? arm : `${arm}, ${id.replace(/-\d+$/, "")}`;
}

/**
 * The settings of a run by name, flat: `optimizer.name`, `schedule.lr`, `loss.gamma`. Lists, and schedules in schedules,
 * are JSON.
 */
export function hparamsOf(plan: RunPlan): Hparams {
  const { arm, seed, model, dataset, batch_size, accumulate, total_steps, optimizer, loss, schedule } = plan;
  const whole = { arm, seed, model, batch_size, accumulate, total_steps };
  return Object.fromEntries([
    ...entries(whole, ""),
    ...entries(dataset, "dataset."),
    ...entries(optimizer, "optimizer."),
    ...entries(loss ?? {}, "loss."),
    ...entries(schedule, "schedule."),
  ]);
}

function entries(of: object, prefix: string): [string, Hparams[string]][] {
  return Object.entries(of).flatMap(([key, value]): [string, Hparams[string]][] => {
    if (value === null || value === undefined) return [];
    const isPlain = ["number", "string", "boolean"].includes(typeof value);
    return [[prefix + key, isPlain ? value as Hparams[string] : canonicalJson(value)]];
  });
}
