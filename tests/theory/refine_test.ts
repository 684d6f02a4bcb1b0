import assert from "node:assert/strict";
import { linearDecay } from "#theory/convex_bound.ts";
import { knotsOf, pieces } from "#theory/knots.ts";
import { bestPeak, evenNorms, medianFiltered, medianNorms, refinedRates } from "#theory/refine.ts";
import { buildSchedule, checkSchedule } from "#schedules/registry.ts";
import GOLDEN from "../golden/refined_schedules.json" with { type: "json" };

/** The norms of `tests/golden/refined_schedules.py`. */
const NORMS = Float64Array.from(
  { length: GOLDEN.steps },
  (_, t) => 1 + 4 * Math.exp(-t / 40) + 0.5 * Math.abs(Math.sin(12.9898 * t)) + (t / GOLDEN.steps) ** 3,
);

function near(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assert.equal(found.length, expected.length);
  Array.from(expected).forEach((value, index) =>
    assert.ok(Math.abs(found[index]! - value) <= tolerance, `${found[index]} at ${index}, not ${value}`)
  );
}

Deno.test("constant norms give linear decay", () => {
  for (const power of [1, 2] as const) {
    near(refinedRates(new Float64Array(300).fill(0.7), { power }), linearDecay(300), 1e-12);
  }
});

Deno.test("norms are filtered and refined as by the published code", () => {
  for (const { smoothing, power, norms, rates } of GOLDEN.cases) {
    const every = (values: Float64Array) => values.filter((_, step) => step % 25 === 0);
    near(every(medianFiltered(NORMS, smoothing)), norms, 1e-12);
    near(every(refinedRates(NORMS, { smoothing, power: power as 1 | 2 })), rates, 1e-12);
  }
});

Deno.test("norms that fall at the start give a warmup, and the refined schedule has the smaller bound", () => {
  const rates = refinedRates(NORMS);
  assert.ok(rates[0]! < 0.2 && rates.indexOf(1) > 20);
  assert.ok(bestPeak(rates, NORMS)!.bound < bestPeak(linearDecay(NORMS.length), NORMS)!.bound);
});

Deno.test("knots stay within the tolerance, and are few", () => {
  const rates = refinedRates(NORMS);
  const knots = knotsOf(rates);
  assert.ok(knots.length <= 12, `${knots.length} knots`);
  const spec = pieces(knots, 0.5);
  assert.deepEqual(checkSchedule(spec), []);
  const { lr } = buildSchedule(spec, { totalSteps: GOLDEN.steps, stepsPerEpoch: 50 });
  // The filtered norms jump, and the knots are too few to follow.
  near(Float64Array.from(rates, (_, step) => lr(step) / 0.5), rates, 0.07);
  assert.deepEqual(knotsOf(linearDecay(100)), [{ at: 0, rate: 1 }, { at: 1, rate: 0 }]);
});

Deno.test("pieces stretch with the run", () => {
  const spec = pieces(knotsOf(refinedRates(NORMS)), 1);
  const at = (steps: number, share: number) =>
    buildSchedule(spec, { totalSteps: steps, stepsPerEpoch: 50 }).lr(Math.round(steps * share));
  for (const share of [0.1, 0.35, 0.8]) assert.ok(Math.abs(at(500, share) - at(5000, share)) < 0.01);
});

Deno.test("logged norms become even: gaps are filled, long runs thinned to medians, runs joined", () => {
  near(evenNorms([0, 1, 3], [5, 4, 2], 5), [5, 4, 4, 2, 2], 0);
  near(evenNorms([10, 11, 12], [NaN, 4, 2], 3), [4, 4, 2], 0);
  const long = Float64Array.from({ length: 40_960 }, (_, step) => step % 10);
  near(
    evenNorms(Float64Array.from(long, (_, step) => step), long, 40_960),
    new Float64Array(4096).fill(4.5),
    0,
  );
  near(medianNorms([Float64Array.of(1, 9), Float64Array.of(2, 8), Float64Array.of(30, 1)]), [2, 8], 0);
});

Deno.test("steps may be fractions of an epoch, and a run shorter than one", () => {
  assert.deepEqual([...evenNorms([0, 0.5, 1], [3, 2, 1], 1.5)], [2.5, 1]);
  assert.deepEqual([...evenNorms([0, 0.1], [3, 1], 0.2)], [2]);
});

Deno.test("norms of 0 and a width beyond the run are refused", () => {
  assert.throws(
    () => refinedRates(new Float64Array(9)),
    /the gradient norm around step 0 is 0; it must be above 0/,
  );
  assert.throws(() => refinedRates(Float64Array.of(1, 1), { smoothing: 1 }), /must lie in \[0, 1\)/);
});
