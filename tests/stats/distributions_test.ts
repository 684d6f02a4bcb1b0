import assert from "node:assert/strict";
import fc from "fast-check";
import {
  chiSquareCdf,
  chiSquareQuantile,
  normalCdf,
  normalQuantile,
  studentCdf,
  studentQuantile,
} from "#stats/distributions.ts";

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

Deno.test("normal quantiles agree with the printed tables", () => {
  near(normalQuantile(0.975), 1.959963984540054, 1e-13);
  near(normalQuantile(0.995), 2.5758293035489004, 1e-13);
  near(normalQuantile(0.001), -3.090232306167813, 1e-12);
  assert.equal(normalQuantile(0.5), 0);
});

Deno.test("Student quantiles agree with the printed tables, for odd and even degrees of freedom", () => {
  const table = [[3, 3.182446], [4, 2.776445], [9, 2.262157], [30, 2.042272]] as const;
  for (const [degrees, expected] of table) near(studentQuantile(0.975, degrees), expected, 1e-6);
  // Closed forms: tan(π(p − 1/2)) for one degree of freedom, (2p − 1)·√(2/(1 − (2p − 1)²)) for two.
  near(studentQuantile(0.975, 1), Math.tan(0.475 * Math.PI), 1e-11);
  near(studentQuantile(0.975, 2), 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2)), 1e-12);
});

Deno.test("Student's distribution is Cauchy's at one degree of freedom and normal at many", () => {
  for (const t of [-3, -0.5, 0, 1, 10]) {
    near(studentCdf(t, 1), 0.5 + Math.atan(t) / Math.PI, 1e-15);
    near(studentCdf(t, 100_000), normalCdf(t), 2e-5);
  }
});

Deno.test("a quantile is the inverse of its distribution, and odd about one half", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 0.5, noNaN: true }),
      fc.integer({ min: 1, max: 60 }),
      (p, degrees) => {
        near(studentCdf(studentQuantile(p, degrees), degrees), p, 1e-13);
        near(normalCdf(normalQuantile(p)), p, 1e-13);
        near(studentQuantile(1 - p, degrees) + studentQuantile(1 - (1 - p), degrees), 0, 1e-6 / p);
      },
    ),
  );
});

Deno.test("what no distribution has is refused", () => {
  for (const p of [0, 1, -1, NaN]) assert.throws(() => normalQuantile(p), RangeError);
  for (const degrees of [0, 1.5, NaN]) {
    assert.throws(() => studentQuantile(0.9, degrees), /degrees of freedom/);
  }
});

Deno.test("chi-square quantiles agree with the printed tables, for odd and even degrees of freedom", () => {
  // Abramowitz and Stegun, table 26.8.
  const table = [[0.95, 1, 3.84146], [0.95, 2, 5.99146], [0.05, 3, 0.351846], [0.975, 10, 20.4831], [
    0.025,
    9,
    2.70039,
  ], [0.9, 30, 40.256]] as const;
  for (const [probability, degrees, expected] of table) {
    const found = chiSquareQuantile(probability, degrees);
    assert.ok(Math.abs(found / expected - 1) < 2e-5, `${probability}, ${degrees}: ${found}`);
    assert.ok(Math.abs(chiSquareCdf(found, degrees) - probability) < 1e-12);
  }
  assert.equal(chiSquareCdf(-1, 3), 0);
  assert.throws(() => chiSquareQuantile(1, 3), /between 0 and 1/);
  assert.throws(() => chiSquareQuantile(0.5, 0), /degrees of freedom/);
});
