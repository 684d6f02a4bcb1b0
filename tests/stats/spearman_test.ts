import assert from "node:assert/strict";
import { ranks, spearman } from "#stats/spearman.ts";

const near = (actual: number, expected: number, tolerance = 1e-3) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

Deno.test("ranks: the lowest first, ties share the mean of theirs", () => {
  assert.deepEqual(ranks([30, 10, 20, 20]), [4, 1, 2.5, 2.5]);
});

Deno.test("Spearman's ρ and its exact p", () => {
  // Values of scipy 1.17: spearmanr(…).statistic, and permutation_test over all orders of one list.
  const { rho, p, n } = spearman([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5])!;
  near(rho, 0.8286);
  near(p, 0.0583);
  assert.equal(n, 6);
  const perfect = spearman([1, 2, 3, 4], [10, 20, 30, 40])!;
  assert.equal(perfect.rho, 1);
  near(perfect.p, 2 / 24, 1e-12);
  assert.equal(perfect.interval, null);
});

Deno.test("ties, few things, and long lists", () => {
  near(spearman([1, 1, 2, 3], [4, 3, 2, 1])!.rho, -0.9487);
  assert.equal(spearman([1, 2], [2, 1]), null);
  assert.equal(spearman([1, 1, 1], [1, 2, 3]), null);
  assert.equal(spearman([1, 2, 3, 4], [1, 3, 2, 4])!.interval, null);
  const x = Array.from({ length: 20 }, (_, index) => index);
  const { p, interval } = spearman(x, x.map((value) => (value * 7) % 20))!;
  assert.ok(p > 0 && p < 1 && interval![0] < interval![1]);
  assert.throws(() => spearman([1, 2, 3], [1, 2]), /Cannot correlate 3 values with 2/);
});

Deno.test("the interval covers the ρ of the population in 93 to 97 of 100 samples", () => {
  // Ranks of a bivariate normal with r = 0.6 have ρ = 6/π·asin(r/2).
  let seed = 1;
  const uniform = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const truth = 6 / Math.PI * Math.asin(0.3);
  let covered = 0;
  for (let sample = 0; sample < 1000; sample++) {
    const x = Array.from({ length: 15 }, normal);
    const y = x.map((value) => 0.6 * value + 0.8 * normal());
    const interval = spearman(x, y)!.interval!;
    if (interval[0] <= truth && truth <= interval[1]) covered++;
  }
  assert.ok(covered >= 930 && covered <= 975, `${covered} of 1000`);
});
