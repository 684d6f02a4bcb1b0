import assert from "node:assert/strict";
import fc from "fast-check";
import { random } from "#lib/prng.ts";
import { runChains } from "#theory/chains.ts";
import { averagedVariance, moments, settlingSteps, stationaryVariance } from "#theory/quadratic.ts";
import { normalVariance } from "#stats/variance.ts";

const PROBLEM = { curvature: 3, noise: 0.7, start: -4 };
const close = (actual: number, expected: number, relative: number) =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} is not ${expected}`);

/** A problem, a rate at which it is stable and a momentum. */
const stable = fc.record({
  curvature: fc.double({ min: 0.01, max: 100, noNaN: true }),
  noise: fc.double({ min: 0.01, max: 100, noNaN: true }),
  start: fc.double({ min: -100, max: 100, noNaN: true }),
  momentum: fc.constantFrom(0, 0.3, 0.9),
  share: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
});

Deno.test("the exact recursion settles at the formula, at any curvature, noise, rate and momentum", () => {
  fc.assert(fc.property(stable, ({ momentum, share, ...problem }) => {
    const rate = share * 2 * (1 + momentum) / problem.curvature;
    const rates = new Float64Array(4 * settlingSteps(problem, rate, momentum) + 400).fill(rate);
    const { mean, variance } = moments(problem, rates, momentum);
    close(variance.at(-1)!, stationaryVariance(problem, rate, momentum), 1e-9);
    assert.ok(Math.abs(mean.at(-1)!) < 1e-6 * Math.sqrt(variance.at(-1)!));
  }));
});

Deno.test("without momentum the recursion is m ← (1 − ηh)m, s ← (1 − ηh)²s + η²σ², for any rates", () => {
  const rates = Float64Array.from({ length: 50 }, (_, t) => 0.5 / (1 + t % 7));
  const { mean, variance } = moments(PROBLEM, rates);
  let [m, s] = [-4, 0];
  rates.forEach((rate, step) => {
    m *= 1 - 3 * rate;
    s = (1 - 3 * rate) ** 2 * s + (0.7 * rate) ** 2;
    close(mean[step + 1]!, m, 1e-12);
    close(variance[step + 1]!, s, 1e-12);
  });
});

Deno.test("chains have the recursion's mean and variance at every step, also with momentum", () => {
  const count = 20_000;
  const rates = Float64Array.from({ length: 30 }, (_, t) => t < 15 ? 0.5 : 0.1);
  const keep = [1, 2, 5, 15, 16, 30];
  for (const momentum of [0, 0.8]) {
    const { normal } = random(1, "moments", momentum);
    const [kept] = runChains(PROBLEM, [{ rates, momentum }], { chains: count, keep, noise: normal });
    const { mean, variance } = moments(PROBLEM, rates, momentum);
    keep.forEach((update, index) => {
      const x = kept![index]!;
      const error = Math.sqrt(variance[update]! / count);
      const measured = x.reduce((sum, value) => sum + value, 0) / count;
      // Six standard errors; an interval of the variance as wide.
      assert.ok(
        Math.abs(measured - mean[update]!) < 6 * error,
        `mean at ${update} with momentum ${momentum}`,
      );
      assert.ok(Math.abs(normalVariance(x).value / variance[update]! - 1) < 6 * Math.sqrt(2 / count));
    });
  }
});

Deno.test("after the settling time a thousandth of a standard deviation is left of the start", () => {
  for (const rate of [0.01, 0.2, 1 / 3, 0.6]) {
    const steps = settlingSteps(PROBLEM, rate);
    const { mean } = moments(PROBLEM, new Float64Array(steps).fill(rate));
    const allowed = 1e-3 * Math.sqrt(stationaryVariance(PROBLEM, rate));
    assert.ok(Math.abs(mean.at(-1)!) <= allowed * (1 + 1e-9), `rate ${rate}`);
    if (steps > 1) assert.ok(Math.abs(mean.at(-2)!) > allowed, `rate ${rate} waits too long`);
  }
});

Deno.test("the average of a settled chain has the variance of its formula, summed over all covariances", () => {
  for (const [rate, count] of [[0.1, 1], [0.1, 7], [0.5, 40]] as const) {
    const correlation = 1 - 3 * rate;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) sum += correlation ** Math.abs(i - j);
    }
    close(
      averagedVariance(PROBLEM, rate, count),
      stationaryVariance(PROBLEM, rate) * sum / count ** 2,
      1e-12,
    );
  }
  // For long averages the rate does not matter.
  for (const rate of [0.02, 0.3]) close(averagedVariance(PROBLEM, rate, 1e6), 0.7 ** 2 / (9 * 1e6), 1e-4);
});

Deno.test("a rate without a stationary variance is refused, and the recursion shows why", () => {
  for (
    const [rate, momentum] of [[0, 0], [2 / 3, 0], [1, 0], [-0.1, 0], [NaN, 0], [0.1, 1], [1.3, 0.9]] as const
  ) {
    assert.throws(() => stationaryVariance(PROBLEM, rate, momentum), {
      name: "RangeError",
      message: /must lie between 0 and/,
    });
  }
  const { variance } = moments(PROBLEM, new Float64Array(200).fill(0.68));
  assert.ok(variance[200]! > 100 * variance[100]!);
});
