import type { Summary } from "#results/summary.ts";
import { counted } from "#lib/numbers.ts";
import type { Block, Fact } from "../../model.ts";

/** Device, versions and digests behind the numbers. */
export function provenanceFacts(
  { device, provenance, dataset }: Pick<Summary, "device" | "provenance" | "dataset">,
): Fact[] {
  return [
    { label: "Device", value: `${device.backend}: ${device.name}${device.detail && ` (${device.detail})`}` },
    ...(device.why ? [{ label: "Reason for this device", value: device.why }] : []),
    { label: "Started", value: provenance.at },
    {
      label: "Wall time",
      value: `${duration(provenance.wall_s)}, ${counted(provenance.jobs, "run")} at a time`,
    },
    {
      label: "Versions",
      value: Object.entries(provenance.versions).map((pair) => pair.join(" ")).join(", "),
    },
    { label: "Commit", value: provenance.commit ?? "unknown" },
    { label: "Digest of the spec", value: provenance.spec_digest },
    { label: "Digest of the data", value: dataset.digest },
  ];
}

/** `45 s`, `2 min 05 s`, `3 h 12 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** The command that repeats the experiment, and the facts below it. */
export function reproductionBlocks(command: string, facts: readonly Fact[]): Block[] {
  return [
    { kind: "text", text: "Command to reproduce this report:" },
    { kind: "command", text: command },
    { kind: "facts", facts },
  ];
}
