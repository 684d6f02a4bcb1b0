import { normalQuantile } from "./distributions.ts";

/** The fewest values for which the intervals below hold; a tenth of it would still be close. */
const FEWEST = 200;

/** An estimate above zero with its interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: readonly [number, number];
}

/**
 * Sample variance (divisor n − 1) of normal values with a 95 % interval, from ln s², which is nearly normal with
 * variance 2/(n − 1). With `family` intervals read together, all hold at once with 95 % (Bonferroni).
 *
 * @throws {RangeError} for fewer than 200 values.
 *
 * @example A thousand draws with standard deviation 2
 * ```ts
 * import assert from "node:assert/strict";
 * import { random } from "#lib/prng.ts";
 * import { normalVariance } from "#stats/variance.ts";
 *
 * const { normal } = random(1, "example");
 * const { interval: [low, high] } = normalVariance(Float64Array.from({ length: 1000 }, () => 2 * normal()));
 * assert.ok(low < 4 && 4 < high);
 * ```
 */
export function normalVariance(values: Float64Array, family = 1): Estimate {
  checkCount(values.length);
  const centre = meanOf(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) ** 2;
  const freedom = values.length - 1;
  return aroundLog(squares / freedom, Math.sqrt(2 / freedom), family);
}

/**
 * Mean of values >= 0 with a 95 % interval from the spread of the values themselves, on the log scale.
 *
 * @throws {RangeError} for fewer than 200 values.
 *
 * @example Squared distances of chains whose variance is 4
 * ```ts
 * import assert from "node:assert/strict";
 * import { random } from "#lib/prng.ts";
 * import { positiveMean } from "#stats/variance.ts";
 *
 * const { normal } = random(1, "example");
 * const { interval: [low, high] } = positiveMean(Float64Array.from({ length: 1000 }, () => (2 * normal()) ** 2));
 * assert.ok(low < 4 && 4 < high);
 * ```
 */
export function positiveMean(values: Float64Array, family = 1): Estimate {
  checkCount(values.length);
  const mean = meanOf(values);
  return aroundLog(mean, errorOfMean(values.map((value) => value / mean)), family);
}

/**
 * Ratio of the means of two paired samples of values >= 0, with a 95 % interval by the delta method on its logarithm.
 *
 * @throws {RangeError} for fewer than 200 pairs, or samples of different length.
 *
 * @example Every value twice its partner: no doubt is left
 * ```ts
 * import assert from "node:assert/strict";
 * import { pairedRatio } from "#stats/variance.ts";
 *
 * const below = Float64Array.from({ length: 200 }, (_, i) => 1 + i);
 * const { value, interval } = pairedRatio(below.map((x) => 2 * x), below);
 * assert.equal(value, 2);
 * assert.deepEqual(interval, [2, 2]);
 * ```
 */
export function pairedRatio(above: Float64Array, below: Float64Array): Estimate {
  checkCount(above.length);
  if (above.length !== below.length) {
    throw new RangeError(`Cannot pair ${above.length} values with ${below.length}`);
  }
  const [top, bottom] = [meanOf(above), meanOf(below)];
  const relative = above.map((value, index) => value / top - below[index]! / bottom);
  return aroundLog(top / bottom, errorOfMean(relative), 1);
}

function aroundLog(value: number, error: number, family: number): Estimate {
  const factor = Math.exp(normalQuantile(1 - 0.025 / family) * error);
  return { value, interval: [value / factor, value * factor] };
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function errorOfMean(values: Float64Array): number {
  const centre = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

function checkCount(count: number): void {
  if (count < FEWEST) {
    throw new RangeError(`Cannot give an interval from ${count} values: at least ${FEWEST} are needed`);
  }
}
