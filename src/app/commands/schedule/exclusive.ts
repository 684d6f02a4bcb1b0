import { UsageError } from "../../errors.ts";

/** @throws {UsageError} where options ask for two things at once. */
export function exclusive(options: Readonly<Record<string, unknown>>): void {
  for (const group of [["spec", "file", "preset", "list"], ["emit", "dialect", "check", "list"]]) {
    const given = group.filter((key) => options[key] !== undefined && options[key] !== false);
    if (given.length > 1) throw new UsageError(`--${given.join(" and --")} cannot be used together`);
  }
  for (const [needed, keys] of Object.entries(NEEDED)) {
    const stray = keys.find((key) => options[key] !== undefined && options[key] !== false);
    if (stray && !options[needed]) {
      throw new UsageError(`--${dashed(stray)} needs --${needed}`);
    }
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
};

const dashed = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
