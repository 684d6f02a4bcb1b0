import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import { chiSquareQuantile } from "#stats/distributions.ts";
import { normalVariance, pairedRatio, positiveMean } from "#stats/variance.ts";

const close = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

Deno.test("variance and interval are those of chi-square, to half a percent at 1,001 values", () => {
  const sample = Float64Array.from({ length: 1001 }, random(1, "variance").normal).map((z) => 1e6 + 3 * z);
  const mean = sample.reduce((sum, x) => sum + x, 0) / 1001;
  const squares = sample.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const { value, interval } = normalVariance(sample);
  close(value, squares / 1000, 1e-9);
  close(interval[0] / (squares / chiSquareQuantile(0.975, 1000)), 1, 0.005);
  close(interval[1] / (squares / chiSquareQuantile(0.025, 1000)), 1, 0.005);
});

/** How many of 400 intervals hold the truth. */
function covered(truth: number, intervalOf: (seed: number) => readonly [number, number]): number {
  return Array.from({ length: 400 }, (_, seed) => intervalOf(seed))
    .filter(([low, high]) => low <= truth && truth <= high).length;
}

/** Binomial limits of 1 in 10,000 around 380 of 400. */
const isNominal = (count: number) => assert.ok(count >= 362 && count <= 395, `${count} of 400`);

Deno.test("95 % of the intervals hold the truth", () => {
  const normals = (seed: number, purpose: string) =>
    Float64Array.from({ length: 400 }, random(seed, purpose).normal);
  isNominal(covered(1, (seed) => normalVariance(normals(seed, "a")).interval));
  isNominal(covered(1, (seed) => positiveMean(normals(seed, "b").map((z) => z ** 2)).interval));
  // Paired: both hold the same z.
  isNominal(covered(0.5, (seed) => {
    const z = normals(seed, "c");
    const other = normals(seed, "d");
    const noisy = (scale: number, share: number) => z.map((one, i) => scale * (one + share * other[i]!) ** 2);
    return pairedRatio(noisy(1, 0.5), noisy(2, -0.5)).interval;
  }));
});

Deno.test("a family's intervals are wider, a pair's narrower than without pairing", () => {
  const z = Float64Array.from({ length: 400 }, random(1, "z").normal);
  const width = ([low, high]: readonly [number, number]) => Math.log(high / low);
  // Bonferroni's quantile for 6 intervals is 2.638 for 1.960.
  close(width(normalVariance(z, 6).interval) / width(normalVariance(z).interval), 2.638 / 1.96, 1e-3);
  const squares = z.map((one) => one ** 2);
  close(width(pairedRatio(squares, squares.map((one) => 3 * one)).interval), 0, 1e-12);
});

Deno.test("too few values, and pairs of different number, are refused", () => {
  const few = new Float64Array(199).fill(1);
  for (const refused of [() => normalVariance(few), () => positiveMean(few), () => pairedRatio(few, few)]) {
    assert.throws(refused, { name: "RangeError", message: /199 values: at least 200/ });
  }
  assert.throws(() => pairedRatio(new Float64Array(200), new Float64Array(201)), /pair 200 values with 201/);
});
