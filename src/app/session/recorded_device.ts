import type { DeviceInfo } from "#results/run.ts";
import { diskStore } from "../storage/disk.ts";

/** The device of the runs in a study's folder; `null` where there are none. */
export async function recordedDevice(folder: string): Promise<Omit<DeviceInfo, "why"> | null> {
  const [first] = await diskStore(folder).records();
  if (first === undefined) return null;
  const { backend, name, detail } = first.provenance.device;
  return { backend, name, detail };
}
