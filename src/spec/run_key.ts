import { canonicalJson } from "#lib/json.ts";
import type { RunPlan } from "./run_plan.ts";

/**
 * Two plans with the same key are the same run: only their names, roles or saved weights differ.
 * A run with a parent run is known by the parent's key too, one that starts from a file by the file's digest.
 */
export function runKey(plan: RunPlan): string {
  const {
    id: _id,
    role: _role,
    arm: _arm,
    read_test: _test,
    keep_end: _keep,
    member: _member,
    start,
    probe,
    ...others
  } = plan;
  // Checkpoints and cached runs of older versions are known by keys that call the steps so.
  const rest = { ...others, ...(probe && { probe: { updates: probe.steps, every: probe.every } }) };
  if (start === undefined) return canonicalJson(rest);
  return canonicalJson({
    ...rest,
    start: start.kind === "run" ? { run: runKey(start.plan) } : { file: start.digest },
  });
}
