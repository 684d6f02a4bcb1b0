/**
 * Euclidean norm, √Σ v²; 0 of no values.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { norm } from "#lib/norm.ts";
 *
 * assert.equal(norm([3, -4]), 5);
 * ```
 */
export function norm(values: ArrayLike<number>): number {
  let squares = 0;
  for (let at = 0; at < values.length; at++) squares += values[at]! * values[at]!;
  return Math.sqrt(squares);
}
