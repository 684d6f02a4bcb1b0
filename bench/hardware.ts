import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { type Part, type PartFigures, partsOf, type PartsOptions } from "./hardware_parts.ts";
import { type Limited, runLimited } from "./limited.ts";

export interface HardwareOptions extends Omit<PartsOptions, "at"> {
  /** Minutes that all parts together may take. */
  readonly minutes: number;
}

/** A part as it went. */
export interface PartReport {
  readonly name: string;
  readonly command: string;
  readonly outcome: Limited["outcome"] | "no time left";
  readonly seconds: number;
  readonly limit_seconds: number;
  /** `null` where it has none: see the log. */
  readonly found: PartFigures | null;
}

/** `hardware.json`. */
export interface HardwareReport {
  readonly version: 1;
  readonly at: string;
  readonly minutes: number;
  readonly parts: readonly PartReport[];
}

/** Under it a part is not begun. */
const LEAST_SECONDS = 5;

/**
 * Everything that a machine with a GPU is to be asked, part by part within a time: yields the report as it stands after
 * each part, so that it can be written at once, and `log`, what that part printed.
 */
export async function* measureHardware(
  options: HardwareOptions,
  note: (text: string) => void,
): AsyncGenerator<{ readonly report: HardwareReport; readonly log: string }> {
  const began = performance.now();
  const at = new Date().toISOString();
  const parts: PartReport[] = [];
  for (const part of partsOf({ ...options, at })) {
    const left = 60 * options.minutes - (performance.now() - began) / 1000;
    const limit = Math.floor(
      Math.min(left, part.share === null ? Infinity : part.share * 60 * options.minutes),
    );
    note(`${part.name}: ${limit} s at most\n`);
    const { report, log } = await runPart(part, limit);
    note(`${part.name}: ${report.outcome} after ${report.seconds.toFixed(0)} s\n`);
    parts.push(report);
    yield { report: { version: 1, at, minutes: options.minutes, parts: [...parts] }, log };
  }
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));

async function runPart(part: Part, limit: number): Promise<{ report: PartReport; log: string }> {
  const { name, args, env = {}, stopsWell = false } = part;
  const about = { name, command: `deno ${args.join(" ")}`, limit_seconds: limit };
  if (limit < LEAST_SECONDS) {
    return { report: { ...about, outcome: "no time left", seconds: 0, found: null }, log: "" };
  }
  const ran = await runLimited({ command: Deno.execPath(), args, env, cwd: ROOT }, {
    seconds: limit,
    stopsWell,
  });
  const log = `== ${name}\n${about.command}\n${ran.stderr}\n${ran.stdout}\n`;
  let { outcome } = ran;
  let found: PartFigures | null = null;
  try {
    found = part.figures(ran);
  } catch {
    // Nothing, or half of it: an end that was not reached, which the outcome says.
    if (outcome === "done") outcome = "failed";
  }
  return { report: { ...about, outcome, seconds: ran.seconds, found }, log };
}

/** The files in the folder of a report. */
export const HARDWARE_FILES = (out: string) => ({
  json: join(out, "hardware.json"),
  text: join(out, "hardware.txt"),
  log: join(out, "hardware.log"),
  errors: join(out, "errors.jsonl"),
});
