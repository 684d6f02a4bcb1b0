/**
 * The lab's own distributions and intervals beside those of @stdlib, an independent port of Cephes and Boost. The lab
 * keeps its own code, since it needs whole degrees of freedom only and few lines; the packages are a test's oracle.
 */
import assert from "node:assert/strict";
import chiSquareCdfOf from "@stdlib/stats-base-dists-chisquare-cdf";
import chiSquareQuantileOf from "@stdlib/stats-base-dists-chisquare-quantile";
import normalCdfOf from "@stdlib/stats-base-dists-normal-cdf";
import normalQuantileOf from "@stdlib/stats-base-dists-normal-quantile";
import studentCdfOf from "@stdlib/stats-base-dists-t-cdf";
import studentQuantileOf from "@stdlib/stats-base-dists-t-quantile";
import kstest from "@stdlib/stats-kstest";
import { random } from "#lib/prng.ts";
import {
  chiSquareCdf,
  chiSquareQuantile,
  normalCdf,
  normalQuantile,
  studentCdf,
  studentQuantile,
} from "#stats/distributions.ts";
import { kolmogorovDistance } from "#stats/kolmogorov.ts";
import { spreadInterval } from "#stats/planning.ts";
import { wilsonInterval } from "#stats/proportions.ts";
import { unpairedDifference } from "#stats/unpaired.ts";

const DEGREES = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 30, 59, 60, 120, 999];
/** From far in the tails, where families of many comparisons read them, to the middle. */
const PROBABILITIES = [1e-6, 1e-5, 1e-4, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.45];
const BOTH_TAILS = [...PROBABILITIES, ...PROBABILITIES.map((p) => 1 - p)];
const POINTS = Array.from({ length: 161 }, (_, i) => (i - 80) / 10);

/** The largest |actual − expected|/max(1, |expected|), and the inputs that it belongs to. */
function largestError(
  cases: Iterable<readonly number[]>,
  actual: (...inputs: readonly number[]) => number,
  expected: (...inputs: readonly number[]) => number,
): readonly [number, readonly number[]] {
  let worst: readonly [number, readonly number[]] = [0, []];
  for (const inputs of cases) {
    const right = expected(...inputs);
    const error = Math.abs(actual(...inputs) - right) / Math.max(1, Math.abs(right));
    if (!(error <= worst[0])) worst = [error, inputs];
  }
  return worst;
}

function within(tolerance: number, [error, inputs]: readonly [number, readonly number[]]): void {
  assert.ok(error <= tolerance, `${error} at ${inputs.join(", ")}`);
}

const grid = (...axes: readonly (readonly number[])[]): number[][] =>
  axes.reduce<number[][]>((rows, axis) => rows.flatMap((row) => axis.map((value) => [...row, value])), [[]]);

Deno.test("distribution functions are @stdlib's", () => {
  within(1e-14, largestError(grid(POINTS), (x) => normalCdf(x!), (x) => normalCdfOf(x!, 0, 1)));
  within(
    1e-12,
    largestError(grid(POINTS, DEGREES), (t, v) => studentCdf(t!, v!), (t, v) => studentCdfOf(t!, v!)),
  );
  within(
    1e-12,
    largestError(
      grid(POINTS.map((x) => 10 + x * 1.2), DEGREES),
      (x, v) => chiSquareCdf(x!, v!),
      (x, v) => chiSquareCdfOf(x!, v!),
    ),
  );
});

Deno.test("quantiles are @stdlib's, far into the tails", () => {
  within(1e-9, largestError(grid(BOTH_TAILS), (p) => normalQuantile(p!), (p) => normalQuantileOf(p!, 0, 1)));
  within(
    1e-9,
    largestError(
      grid(BOTH_TAILS, DEGREES),
      (p, v) => studentQuantile(p!, v!),
      (p, v) => studentQuantileOf(p!, v!),
    ),
  );
  within(
    1e-9,
    largestError(
      grid(BOTH_TAILS, DEGREES),
      (p, v) => chiSquareQuantile(p!, v!),
      (p, v) => chiSquareQuantileOf(p!, v!),
    ),
  );
});

Deno.test("Wilson's ends are the shares whose score test has exactly the wanted level", () => {
  const z = normalQuantileOf(0.975, 0, 1);
  for (const count of [1, 2, 3, 10, 37, 1000]) {
    for (const hits of new Set([0, 1, count >> 1, count - 1, count])) {
      for (const end of wilsonInterval(hits, count)) {
        const [distance, reach] = [hits / count - end, z * Math.sqrt(end * (1 - end) / count)];
        // An end at 0 or 1 is where a root of rounding stands: √1e-16.
        assert.ok(Math.abs(Math.abs(distance) - reach) < 1e-7, `${hits} of ${count}: ${end}`);
      }
    }
  }
});

Deno.test("a spread's interval and Welch's take @stdlib's quantiles", () => {
  for (const count of [2, 3, 5, 20]) {
    const [low, high] = spreadInterval(2, count, 0.8);
    assert.ok(Math.abs(low - 2 * Math.sqrt((count - 1) / chiSquareQuantileOf(0.9, count - 1))) < 1e-9);
    assert.ok(Math.abs(high - 2 * Math.sqrt((count - 1) / chiSquareQuantileOf(0.1, count - 1))) < 1e-9);
  }
  // Equal variances and sizes: Welch's degrees of freedom are 2(n − 1).
  const { interval } = unpairedDifference([3, 4, 5], [1, 2, 3]);
  assert.ok(Math.abs(interval![1] - (2 + studentQuantileOf(0.975, 4) * Math.sqrt(2 / 3))) < 1e-9);
});

Deno.test("Kolmogorov's distance is @stdlib's", () => {
  const source = random(7, "kolmogorov oracle");
  for (const count of [1, 2, 5, 40, 300]) {
    const sample = Array.from({ length: count }, () => source.normal());
    const own = kolmogorovDistance(Float64Array.from(sample), normalCdf).distance;
    const { statistic } = kstest(sample, "normal", 0, 1);
    assert.ok(Math.abs(own - statistic) < 1e-12, `${count}: ${own} ${statistic}`);
  }
});
