import { median } from "#lib/median.ts";

/** A straight line y = level + slope·x. */
export interface RobustLine {
  /** At x = 0. */
  readonly level: number;
  readonly slope: number;
}

/**
 * Line through points by Theil and Sen: its slope is the median of the slopes of all pairs of points, its level the median
 * of y − slope·x. Up to 29 % of the points may lie anywhere without carrying it away.
 *
 * @param x two different values at least; as many as `y`.
 * @throws {RangeError} where no two points differ in x.
 * @see Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63, 1968
 *
 * @example One point of five is far off
 * ```ts
 * import assert from "node:assert/strict";
 * import { theilSen } from "#stats/theil_sen.ts";
 *
 * assert.deepEqual(theilSen([0, 1, 2, 3, 4], [1, 3, 5, 90, 9]), { level: 1, slope: 2 });
 * ```
 */
export function theilSen(x: readonly number[], y: readonly number[]): RobustLine {
  const slopes = new Float64Array((x.length * (x.length - 1)) / 2);
  let count = 0;
  for (let i = 1; i < x.length; i++) {
    for (let j = 0; j < i; j++) {
      if (x[i] !== x[j]) slopes[count++] = (y[i]! - y[j]!) / (x[i]! - x[j]!);
    }
  }
  if (count === 0) throw new RangeError("Cannot fit a line: it needs two points that differ in x");
  const slope = median(slopes.subarray(0, count));
  return { slope, level: median(Float64Array.from(x, (each, i) => y[i]! - slope * each)) };
}
