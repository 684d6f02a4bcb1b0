const PATTERN = /^(\d+(?:\.\d+)?)\s*(s|seconds?|min|minutes?|h|hours?)$/i;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** End of every message about a wrong time. */
export const TIME_HELP = "expected a time above 0 with its unit: `60 s`, `15 min` or `2 h`";

/**
 * Seconds in `60 s`, `15 min`, `2 h`; `null` for anything else, and for no time at all.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseTime } from "#lib/time.ts";
 *
 * assert.equal(parseTime("1.5 min"), 90);
 * assert.equal(parseTime("60s"), 60);
 * assert.equal(parseTime("60"), null);
 * ```
 */
export function parseTime(text: string): number | null {
  const match = PATTERN.exec(text.trim());
  if (!match) return null;
  const seconds = Number(match[1]) * SECONDS[match[2]![0]!.toLowerCase()]!;
  return seconds > 0 && seconds < Infinity ? seconds : null;
}
