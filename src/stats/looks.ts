/**
 * The error that each of several planned looks at growing evidence may spend, so that the intervals of all looks hold
 * together with probability 1 − `error`: the same for each (Bonferroni over looks).
 *
 * Of three looks at 8, 16 and 32 values this leaves intervals 14 % narrower at the first, 2 % at the second and 6 % wider
 * at the last than shares in proportion to the values, at the errors of eight comparisons: the quantile of t falls fast
 * where values are few, and what is decided early costs no further runs.
 *
 * @param counts values at each look, rising.
 * @throws {RangeError} for counts that do not rise from 1, or an error outside (0, 1).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { lookErrors } from "#stats/looks.ts";
 *
 * assert.deepEqual(lookErrors([4, 8, 16, 32], 0.04), [0.01, 0.01, 0.01, 0.01]);
 * assert.deepEqual(lookErrors([8], 0.05), [0.05]);
 * ```
 */
export function lookErrors(counts: readonly number[], error: number): number[] {
  if (counts.length === 0 || counts.some((count, index) => !(count > (counts[index - 1] ?? 0)))) {
    throw new RangeError(`Cannot look at ${counts.join(", ") || "no"} values: counts rise from 1`);
  }
  if (!(error > 0 && error < 1)) {
    throw new RangeError(`Cannot spend an error of ${error}: it must lie between 0 and 1`);
  }
  return counts.map(() => error / counts.length);
}

/**
 * The common part of intervals that hold together: also an interval that holds. `null` where they share nothing, which happens to
 * fewer experiments than the error that they leave.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sharedInterval } from "#stats/looks.ts";
 *
 * assert.deepEqual(sharedInterval([[-1, 5], [0, 6]]), [0, 5]);
 * assert.equal(sharedInterval([[0, 1], [2, 3]]), null);
 * ```
 */
export function sharedInterval(
  intervals: readonly (readonly [number, number])[],
): readonly [number, number] | null {
  const low = Math.max(...intervals.map(([low]) => low));
  const high = Math.min(...intervals.map(([, high]) => high));
  return intervals.length > 0 && low <= high ? [low, high] : null;
}
