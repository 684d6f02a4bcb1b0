import { z } from "zod";
import { canonicalJson } from "#lib/json.ts";
import { device, type DeviceInfo } from "#results/provenance.ts";
import { sha256 } from "../sha256.ts";

/** Everything besides a run's plan and data that can change its numbers: one queue each. */
export const conditionsSchema = z.strictObject({
  /** With one thread a batch; a job says how many it takes. */
  device: device.omit({ why: true }),
  commit: z.string().max(100).nullable(),
  versions: z.record(z.string().max(50), z.string().max(100)),
});
export type Conditions = z.output<typeof conditionsSchema>;

/** Name of the queue of runs under these conditions: a worker on another device, or of another version, never sees them. */
export function queueName(conditions: Conditions): string {
  return `runs-${sha256(canonicalJson(conditions)).slice(0, 16)}`;
}

export function sameDevice(a: Omit<DeviceInfo, "why">, b: Omit<DeviceInfo, "why">): boolean {
  return a.backend === b.backend && a.name === b.name && a.detail === b.detail;
}

/** `WASM, relaxed SIMD; lab 0.1.0, Deno 2.9.6, commit 0123abcd`. */
export function conditionsText({ device, commit, versions }: Conditions): string {
  const { lab = "?", deno = "?" } = versions;
  return `${device.name}; lab ${lab}, Deno ${deno}, ${
    commit === null ? "no commit" : `commit ${commit.slice(0, 8)}`
  }`;
}
