import assert from "node:assert/strict";
import { measureDistribution } from "#theory/distributions.ts";
import { histogramOf } from "#theory/histogram.ts";
import { settlingSteps } from "#theory/quadratic.ts";

const PROBLEM = { curvature: 2, noise: 1, start: 5 };

Deno.test("a histogram is a density: its bars and what lies beyond them sum to 1", () => {
  const { edges, density } = histogramOf(Float64Array.of(-1, -0.6, 0.1, 0.2, 0.99, 1, 7), 1, 4);
  assert.deepEqual(edges, [-1, -0.5, 0, 0.5, 1]);
  // Seven values, bars 0.5 wide; 1 and 7 lie beyond.
  assert.deepEqual(density, [2, 0, 2, 1].map((count) => count / 3.5));
});

Deno.test("coin flips at ηh = 1/2 settle evenly on [−2ησ, 2ησ], a known distance from the normal distribution", () => {
  const found = measureDistribution(PROBLEM, { noise: "coin", sharpness: 0.5 }, { chains: 40_000, seed: 3 });
  assert.equal(found.steps, settlingSteps(PROBLEM, 0.25));
  // Uniform against normal of the same variance: 0.0572 at most, at x = ±1.2 standard deviations or so.
  assert.ok(found.interval[0] < 0.0572 && 0.0572 < found.interval[1], `${found.distance}`);
  assert.ok(
    found.histogram.edges.every((edge, bar) => Math.abs(edge) < 0.56 || !(found.histogram.density[bar]! > 0)),
  );
});

Deno.test("at ηh = 1 every step forgets the last: x is one draw of noise", () => {
  const found = measureDistribution(PROBLEM, { noise: "coin", sharpness: 1 }, { chains: 2000, seed: 1 });
  assert.equal(found.steps, 1);
  // Two points at ±1 standard deviation: 0.5 − Φ(−1) from the normal distribution.
  assert.ok(Math.abs(found.distance - 0.3413) < 0.05);
  assert.equal(found.histogram.density.filter((share) => share > 0).length, 2);
});
