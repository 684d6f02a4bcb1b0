/**
 * The confidence of each interval alone when `family` of them are to hold together: 1 − α/m (Bonferroni).
 *
 * @param family comparisons that are reported together, 1 or more.
 * @throws {RangeError} for a family below 1 or not whole.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { familyConfidence } from "#stats/family.ts";
 *
 * assert.equal(familyConfidence(5).toFixed(2), "0.99");
 * ```
 */
export function familyConfidence(family: number, confidence = 0.95): number {
  if (!(Number.isInteger(family) && family >= 1)) {
    throw new RangeError(`Cannot correct for ${family} comparisons: it must be a whole number >= 1`);
  }
  return 1 - (1 - confidence) / family;
}
