import { UsageError } from "../../errors.ts";

/** @throws {UsageError} where options ask for two things at once. */
export function exclusive(options: Readonly<Record<string, unknown>>): void {
  for (
    const group of [
      ["spec", "file", "preset", "list", "diff"],
      ["emit", "dialect", "check", "predict", "list", "diff", "resumedAt"],
    ]
  ) {
    const given = group.filter((key) => options[key] !== undefined && options[key] !== false);
    if (given.length > 1) {
      throw new UsageError(`--${given.map(dashed).join(" and --")} cannot be used together`);
    }
  }
  for (const [needed, keys] of Object.entries(NEEDED)) {
    const stray = keys.find((key) => options[key] !== undefined && options[key] !== false);
    if (stray && !options[needed]) {
      throw new UsageError(`--${dashed(stray)} needs --${dashed(needed)}`);
    }
  }
  if (options.resumedAt !== undefined && options.until === undefined) {
    throw new UsageError("--resumed-at needs --until, where the longer run ends, such as --until 200%");
  }
  const [emitted, format] = [options.emit, options.format];
  if (emitted !== undefined && format !== undefined) {
    throw new UsageError(`--emit ${emitted} prints code: omit --format ${format}`);
  }
}

/** Options that need another one. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  check: [
    "strict",
    "optimizer",
    "clipNorm",
    "snapshots",
    "reset",
    "convergence",
    "stopsAt",
    "evalEvery",
    "accumulate",
  ],
  file: ["profile"],
  resumedAt: ["until"],
};

const dashed = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
