/**
 * The middle value, or the mean of the two middle ones. NaN counts as the largest.
 *
 * @throws {RangeError} for no values.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { median } from "#lib/median.ts";
 *
 * assert.equal(median([4, 1, 3]), 3);
 * assert.equal(median([4, 1, 2, 3]), 2.5);
 * ```
 */
export function median(values: Iterable<number>): number {
  // A typed array sorts numbers without a call for each comparison.
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) throw new RangeError("Cannot take the median of no values");
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
