import { median } from "#lib/median.ts";

/** Location and spread of a sample. */
export interface SampleSummary {
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation (divisor n − 1); `null` with fewer than two values. */
  readonly sd: number | null;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/**
 * Summary of the finite values; `null` where there are none.
 *
 * @example A run that diverged has no figure
 * ```ts
 * import assert from "node:assert/strict";
 * import { summarize } from "#stats/summary.ts";
 *
 * const { count, mean, median } = summarize([0.5, null, 1.5, 4])!;
 * assert.deepEqual([count, mean, median], [3, 2, 1.5]);
 * ```
 */
export function summarize(values: Iterable<number | null>): SampleSummary | null {
  const finite = finiteOf(values);
  if (finite.length === 0) return null;
  return {
    count: finite.length,
    mean: mean(finite),
    sd: finite.length < 2 ? null : sampleSd(finite),
    min: Math.min(...finite),
    median: median(finite),
    max: Math.max(...finite),
  };
}

/**
 * The values that are numbers: neither `null` nor NaN nor infinite.
 *
 * @example Gaps and infinities go
 * ```ts
 * import assert from "node:assert/strict";
 * import { finiteOf } from "#stats/summary.ts";
 *
 * assert.deepEqual(finiteOf([0.5, null, NaN, Infinity, 1]), [0.5, 1]);
 * ```
 */
export function finiteOf(values: Iterable<number | null>): number[] {
  return [...values].filter((value) => value !== null && Number.isFinite(value)) as number[];
}

/**
 * Arithmetic mean.
 *
 * @throws {RangeError} for an empty sample.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mean } from "#stats/summary.ts";
 *
 * assert.equal(mean([1, 2, 6]), 3);
 * ```
 */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("Cannot take the mean of an empty sample");
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Sample standard deviation √(Σ(x − x̄)²/(n − 1)), in two passes so that a large mean costs no digits.
 *
 * @throws {RangeError} for fewer than two values.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sampleSd } from "#stats/summary.ts";
 *
 * assert.equal(sampleSd([1, 2, 3]), 1);
 * ```
 */
export function sampleSd(values: readonly number[]): number {
  if (values.length < 2) {
    throw new RangeError(
      `Cannot take a standard deviation of ${values.length} values: at least 2 are needed`,
    );
  }
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/**
 * The q-quantile with linear interpolation between order statistics (Hyndman and Fan's type 7, R's default):
 * `quantile(x, 0)` is the smallest value, `quantile(x, 1)` the largest.
 *
 * @throws {RangeError} for an empty sample or a q outside [0, 1].
 *
 * @example Between order statistics it is interpolated
 * ```ts
 * import assert from "node:assert/strict";
 * import { quantile } from "#stats/summary.ts";
 *
 * assert.equal(quantile([4, 1, 2, 3], 0.5), 2.5);
 * ```
 */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new RangeError("Cannot take a quantile of an empty sample");
  if (!(q >= 0 && q <= 1)) throw new RangeError(`Cannot take a quantile at ${q}: it must lie in 0 … 1`);
  const sorted = values.toSorted((a, b) => a - b);
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (position - below) * (high - low);
}
