import assert from "node:assert/strict";
import fc from "fast-check";
import { bootstrapInterval } from "#stats/bootstrap.ts";
import { coverage, percentileInterval } from "./coverage.ts";

Deno.test("three values by hand: the smallest mean, stretched by t/z·√(3/2)", () => {
  // 1/27 of the resamples hold the smallest value three times, which is beyond the 2.5 % quantile.
  const widening = (4.302652729696142 / 1.959963984540054) * Math.sqrt(3 / 2);
  const [low, high] = bootstrapInterval([1, 2, 6])!;
  assert.ok(Math.abs(low - (3 + widening * (1 - 3))) < 1e-9);
  assert.ok(Math.abs(high - (3 + widening * (6 - 3))) < 1e-9);
});

Deno.test("enumeration and drawing agree", () => {
  // Eight values are enumerated; with a ninth at their mean, drawn resamples must give nearly the same width.
  const values = [0.3, -1.1, 2.2, 0.8, -0.4, 1.9, -2.0, 0.6];
  const exact = bootstrapInterval(values)!;
  const drawn = percentileInterval(values, { seed: 1, resamples: 50_000 });
  const widening = (2.3646242515927862 / 1.959963984540054) * Math.sqrt(8 / 7);
  const centre = values.reduce((a, b) => a + b) / 8;
  assert.ok(Math.abs(exact[0] - (centre + widening * (drawn[0] - centre))) < 0.05);
  assert.ok(Math.abs(exact[1] - (centre + widening * (drawn[1] - centre))) < 0.05);
});

Deno.test("the same seed gives the same interval, another seed another one", () => {
  const values = Array.from({ length: 12 }, (_, i) => Math.sin(i * i));
  assert.deepEqual(bootstrapInterval(values, { seed: 3 }), bootstrapInterval(values, { seed: 3 }));
  assert.notDeepEqual(bootstrapInterval(values, { seed: 3 }), bootstrapInterval(values, { seed: 4 }));
});

Deno.test("an interval holds the mean, moves with the values and scales with them", () => {
  const sample = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 7 });
  fc.assert(fc.property(sample, fc.double({ min: -50, max: 50, noNaN: true }), (values, shift) => {
    const [low, high] = bootstrapInterval(values)!;
    const mean = values.reduce((a, b) => a + b) / values.length;
    assert.ok(low <= mean + 1e-9 && mean - 1e-9 <= high);
    const moved = bootstrapInterval(values.map((value) => 2 * value + shift))!;
    assert.ok(Math.abs(moved[0] - (2 * low + shift)) < 1e-8);
    assert.ok(Math.abs(moved[1] - (2 * high + shift)) < 1e-8);
  }));
});

Deno.test("a wider confidence gives a wider interval", () => {
  const values = [1, 2, 4, 3, 2.5];
  const [narrow, wide] = [0.8, 0.95].map((confidence) => bootstrapInterval(values, { confidence })!);
  assert.ok(wide![0] < narrow![0] && narrow![1] < wide![1]);
});

Deno.test("one value has no interval; values that are not finite are refused", () => {
  assert.equal(bootstrapInterval([1]), null);
  assert.throws(() => bootstrapInterval([1, NaN]), /must be finite/);
  assert.throws(() => bootstrapInterval([1, 2], { confidence: 95 }), /between 0 and 1/);
});

// Bounds lie three standard errors below the figures in the docstring of bootstrapInterval.
const COVERED = [
  { count: 3, normal: 0.948, exponential: 0.890, "log-normal": 0.846, samples: 4_000 },
  { count: 5, normal: 0.946, exponential: 0.890, "log-normal": 0.831, samples: 4_000 },
  { count: 10, normal: 0.945, exponential: 0.915, "log-normal": 0.847, samples: 600 },
] as const;

for (const { count, samples, ...expected } of COVERED) {
  Deno.test(`95 % intervals from ${count} seeds hold the true mean as often as the docstring says`, () => {
    for (const population of ["normal", "exponential", "log-normal"] as const) {
      const measured = coverage(population, count, { samples, resamples: 1_000 });
      const error = 3 * Math.sqrt(expected[population] * (1 - expected[population]) / samples);
      assert.ok(Math.abs(measured - expected[population]) < error, `${population}: ${measured}`);
    }
  });
}

Deno.test("the plain percentile bootstrap at three seeds would fail that by far", () => {
  const measured = coverage("normal", 3, { samples: 1_000, resamples: 500, interval: percentileInterval });
  assert.ok(measured < 0.8, `${measured}`);
});
