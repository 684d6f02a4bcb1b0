import { canonicalJson } from "#lib/json.ts";
import type { BackendChoice } from "#compute/device.ts";
import type { DeviceInfo } from "#results/provenance.ts";
import { type Conditions, conditionsText } from "./conditions.ts";
import type { Announcement } from "./worker_list.ts";

/** Requirements of a study on the workers that train it. */
export interface Wanted {
  readonly backend: BackendChoice;
  readonly threads: number;
  readonly commit: string | null;
  readonly versions: Readonly<Record<string, string>>;
  /** The device of the runs that a resumed study has already; `null` for any. */
  readonly device: Omit<DeviceInfo, "why"> | null;
}

/** The workers of one device that train a study. */
export interface Chosen {
  readonly conditions: Conditions;
  readonly device: Omit<DeviceInfo, "why">;
  /** Threads of a run: those that are wanted where the device has any use for them, else 1. */
  readonly threads: number;
  readonly slots: number;
}

/** Those workers of the same lab and one device that can train most at a time; `null` where there is none. */
export function chooseWorkers(workers: readonly Announcement[], wanted: Wanted): Chosen | null {
  const groups = new Map<string, Chosen>();
  for (const { conditions, devices, slots } of workers) {
    const threads = devices.length === 1 ? 1 : wanted.threads;
    const device = devices[threads - 1];
    if (device === undefined || !isOurs(conditions, wanted)) continue;
    if (wanted.device !== null && canonicalJson(wanted.device) !== canonicalJson(device)) continue;
    const key = canonicalJson(conditions);
    groups.set(key, { conditions, device, threads, slots: slots + (groups.get(key)?.slots ?? 0) });
  }
  return [...groups.values()].sort((a, b) => b.slots - a.slots)[0] ?? null;
}

function isOurs({ device, commit, versions }: Conditions, wanted: Wanted): boolean {
  const isBackend = wanted.backend === "auto" || wanted.backend === device.backend;
  return isBackend && commit === wanted.commit && canonicalJson(versions) === canonicalJson(wanted.versions);
}

/** Why none of the workers that are there can train a study; empty where there are none at all. */
export function misfits(workers: readonly Announcement[], { device, backend, threads }: Wanted): string {
  if (workers.length === 0) return "";
  const there = [...new Set(workers.map(({ conditions }) => conditionsText(conditions)))].join("; ");
  const on = device ? ` on ${device.name} (${device.detail})` : backend === "auto" ? "" : ` on ${backend}`;
  return ` (of those there, none has this lab's version and trains${on} with ${threads} threads a run: ${there})`;
}
