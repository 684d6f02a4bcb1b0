import { movingAverage } from "#lib/moving_average.ts";

/** A series over training: `values[i]` at step `steps[i]`, steps rising. */
export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** Several runs as one: the mean over runs, and the lowest and highest run, at each step that any of them has. */
export interface Band {
  readonly steps: readonly number[];
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Runs that have the step; fewer where runs ended early. */
  readonly count: readonly number[];
}

/**
 * Joins curves by step. A curve counts only at steps that it has itself: nothing is interpolated, and values that are
 * not finite are left out. The band runs from the lowest to the highest run, so it states what was seen and assumes
 * no distribution.
 *
 * @example One run ended early
 * ```ts
 * import assert from "node:assert/strict";
 * import { alignBySteps } from "#stats/curves.ts";
 *
 * const band = alignBySteps([{ steps: [0, 10], values: [1, 2] }, { steps: [0], values: [3] }]);
 * assert.deepEqual(band.mean, [2, 2]);
 * assert.deepEqual(band.count, [2, 1]);
 * ```
 */
export function alignBySteps(curves: readonly Curve[]): Band {
  const seen = new Map<number, { sum: number; low: number; high: number; count: number }>();
  for (const { steps, values } of curves) {
    for (let i = 0; i < steps.length; i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) continue;
      const at = seen.get(steps[i]!);
      if (at === undefined) {
        seen.set(steps[i]!, { sum: value, low: value, high: value, count: 1 });
        continue;
      }
      at.sum += value;
      at.low = Math.min(at.low, value);
      at.high = Math.max(at.high, value);
      at.count += 1;
    }
  }
  const rows = [...seen].sort(([a], [b]) => a - b);
  return {
    steps: rows.map(([step]) => step),
    mean: rows.map(([, { sum, count }]) => sum / count),
    low: rows.map(([, { low }]) => low),
    high: rows.map(([, { high }]) => high),
    count: rows.map(([, { count }]) => count),
  };
}

/**
 * Exponential moving average with bias correction: mₜ = β·mₜ₋₁ + (1 − β)·xₜ, divided by 1 − βᵗ⁺¹ so that the first
 * value is itself; β = 2^(−1/h), so a value weighs half after `halfLife` further ones. Values that are not finite are
 * passed over and left NaN.
 *
 * It looks back only: a centred window would show a drop of the rate before it happened.
 *
 * @throws {RangeError} for a half-life that is negative; 0 leaves the values as they are.
 *
 * @example One step later the first value weighs a third
 * ```ts
 * import assert from "node:assert/strict";
 * import { smoothed } from "#stats/curves.ts";
 *
 * assert.deepEqual(smoothed([1, 0], 1).map((value) => value.toFixed(4)), ["1.0000", "0.3333"]);
 * ```
 */
export function smoothed(values: readonly number[], halfLife: number): number[] {
  if (!(halfLife >= 0)) {
    throw new RangeError(`Cannot smooth with a half-life of ${halfLife}: it must be >= 0`);
  }
  const average = movingAverage(halfLife === 0 ? 0 : 2 ** (-1 / halfLife));
  return values.map((value) => Number.isFinite(value) ? average(value) : NaN);
}

/**
 * Indices of the points to draw of one or more series of the same length, at most `most` of them, in order: the first,
 * the last, and from equal stretches between them the place of each series' smallest and largest value. No peak is
 * lost, and a jump stays where it is.
 *
 * @throws {RangeError} where `most` leaves no room for a stretch: at least 2 + 2 a series.
 *
 * @example The peak stays
 * ```ts
 * import assert from "node:assert/strict";
 * import { thinned } from "#stats/curves.ts";
 *
 * assert.deepEqual(thinned([[0, 9, 0, 0, 0, 0]], 4), [0, 1, 2, 5]);
 * ```
 */
export function thinned(series: readonly (readonly number[])[], most: number): number[] {
  const length = series[0]?.length ?? 0;
  if (length <= most) return Array.from({ length }, (_, i) => i);
  const stretches = Math.floor((most - 2) / (2 * series.length));
  if (!(stretches >= 1)) {
    throw new RangeError(
      `Cannot draw ${series.length} series with ${most} points: ${2 + 2 * series.length} needed`,
    );
  }
  const kept = new Set([0, length - 1]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = 1 + Math.floor((stretch * (length - 2)) / stretches);
    const to = 1 + Math.floor(((stretch + 1) * (length - 2)) / stretches);
    for (const values of series) {
      let [least, greatest] = [from, from];
      for (let i = from; i < to; i++) {
        if (values[i]! < values[least]!) least = i;
        if (values[i]! > values[greatest]!) greatest = i;
      }
      kept.add(least).add(greatest);
    }
  }
  return [...kept].sort((a, b) => a - b);
}

/**
 * Indices of the points to draw of one or more series of the same length so that straight lines between them are the series
 * themselves, but for a share `tolerance` of their whole range: two for a line, a few dozen for half a cosine, both
 * sides of a jump. Source: Ramer, 1972; Douglas and Peucker, 1973.
 *
 * @example A line and a jump take three points
 * ```ts
 * import assert from "node:assert/strict";
 * import { corners } from "#stats/curves.ts";
 *
 * assert.deepEqual(corners([[0, 1, 2, 3, 0]]), [0, 3, 4]);
 * ```
 */
export function corners(series: readonly (readonly number[])[], tolerance = 1e-3): number[] {
  const length = series[0]?.length ?? 0;
  if (length <= 2) return Array.from({ length }, (_, i) => i);
  let [lowest, highest] = [Infinity, -Infinity];
  for (const values of series) {
    for (const value of values) [lowest, highest] = [Math.min(lowest, value), Math.max(highest, value)];
  }
  const range = highest - lowest;
  const kept = new Set([0, length - 1]);
  const open: [number, number][] = [[0, length - 1]];
  for (let segment; (segment = open.pop());) {
    const [from, to] = segment;
    let [furthest, distance] = [from, tolerance * range];
    for (const values of series) {
      const slope = (values[to]! - values[from]!) / (to - from);
      for (let i = from + 1; i < to; i++) {
        const off = Math.abs(values[i]! - (values[from]! + slope * (i - from)));
        if (off > distance) [furthest, distance] = [i, off];
      }
    }
    if (furthest === from) continue;
    kept.add(furthest);
    open.push([from, furthest], [furthest, to]);
  }
  return [...kept].sort((a, b) => a - b);
}

/**
 * The first step at which the value reached the target, `null` if it never did.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { stepsToTarget } from "#stats/curves.ts";
 *
 * const accuracy = { steps: [10, 20, 30], values: [0.1, 0.6, 0.7] };
 * assert.equal(stepsToTarget(accuracy, 0.6), 20);
 * assert.equal(stepsToTarget(accuracy, 0.9), null);
 * ```
 */
export function stepsToTarget({ steps, values }: Curve, target: number): number | null {
  const index = values.findIndex((value) => value >= target);
  return index === -1 ? null : steps[index]!;
}
