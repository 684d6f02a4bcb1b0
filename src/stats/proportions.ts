import { normalQuantile } from "./distributions.ts";

/**
 * Wilson's interval for a share: `hits` of `count` trials. Source: Wilson, 1927.
 *
 * @example A rate that diverged in 2 of 10 runs
 * ```ts
 * import assert from "node:assert/strict";
 * import { wilsonInterval } from "#stats/proportions.ts";
 *
 * const [low, high] = wilsonInterval(2, 10);
 * assert.equal(low.toFixed(3), "0.057");
 * assert.equal(high.toFixed(3), "0.510");
 * ```
 */
export function wilsonInterval(hits: number, count: number, level = 0.95): readonly [number, number] {
  const z = normalQuantile((1 + level) / 2);
  const share = hits / count;
  const centre = share + z * z / (2 * count);
  const half = z * Math.sqrt(share * (1 - share) / count + z * z / (4 * count * count));
  const scale = 1 + z * z / count;
  return [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)];
}

/**
 * Newcombe's interval for the difference of two shares, first minus second, from their Wilson intervals; trials are
 * taken as independent. Source: Newcombe, Statistics in Medicine 17, 1998, method 10.
 *
 * @example 8 of 10 runs without a ramp diverged, 1 of 10 with one
 * ```ts
 * import assert from "node:assert/strict";
 * import { shareDifference } from "#stats/proportions.ts";
 *
 * const { difference, interval: [low, high] } = shareDifference([1, 10], [8, 10]);
 * assert.equal(difference.toFixed(1), "-0.7");
 * assert.ok(low > -1 && high < 0);
 * ```
 */
export function shareDifference(
  [hits, count]: readonly [number, number],
  [otherHits, otherCount]: readonly [number, number],
  level = 0.95,
): { readonly difference: number; readonly interval: readonly [number, number] } {
  const [share, other] = [hits / count, otherHits / otherCount];
  const [low, high] = wilsonInterval(hits, count, level);
  const [otherLow, otherHigh] = wilsonInterval(otherHits, otherCount, level);
  const difference = share - other;
  return {
    difference,
    interval: [
      difference - Math.hypot(share - low, otherHigh - other),
      difference + Math.hypot(high - share, other - otherLow),
    ],
  };
}
