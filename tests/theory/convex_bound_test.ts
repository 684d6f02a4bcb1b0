import assert from "node:assert/strict";
import { bestBase, boundAt, boundTerms, linearDecay, linearTerms, peakOf } from "#theory/convex_bound.ts";
import { boundCurve, predict, withCooldown, withFloor } from "#theory/prediction.ts";
import { CATALOGUE } from "#schedules/entries.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { buildSchedule } from "#schedules/registry.ts";
import GOLDEN from "../golden/convex_bounds.json" with { type: "json" };

const SHAPE = { totalSteps: 100, stepsPerEpoch: 10 };
const STEPS = GOLDEN.steps;

const wsd = (decay_shape: string) => ({
  name: "wsd",
  lr: 1,
  warmup: "0 steps",
  stable: "80%",
  decay: "20%",
  decay_shape,
});

/** The same shapes as `tests/golden/convex_bounds.py`, from the catalogue where it has them. */
const SPECS: Record<string, ScheduleSpec> = {
  "linear": { name: "linear", lr: 1, duration: "100%" },
  "cosine": { name: "cosine", lr: 1, T_max: "100%" },
  "cosine to 10 %": { name: "cosine", lr: 1, T_max: "100%", eta_min: 0.1 },
  "quadratic": { name: "polynomial", lr: 1, duration: "100%", power: 2 },
  "power 0.5": { name: "polynomial", lr: 1, duration: "100%", power: 0.5 },
  "WSD, linear over 20 %": wsd("linear"),
  "WSD, 1-sqrt over 20 %": wsd("1-sqrt"),
  "step x0.1": { name: "multistep", lr: 1, milestones: ["334 steps", "667 steps", "889 steps"], gamma: 0.1 },
  "SGDR of four cycles": { name: "sgdr", lr: 1, T_0: "25%" },
  "constant": { name: "constant", lr: 1 },
};

function ratesOf(spec: ScheduleSpec, totalSteps = STEPS): Float64Array {
  const { lr } = buildSchedule(spec, { totalSteps, stepsPerEpoch: 100 });
  return Float64Array.from({ length: totalSteps }, (_, step) => lr(step));
}

/** The bound's terms as the papers write them, in O(T²). */
function plainTerms(given: Float64Array, norms?: Float64Array) {
  const end = given.findLastIndex((rate) => rate > 0) + 1;
  // The papers' rates are above 0.
  const kept = [...given.keys()].filter((step) => step < end && given[step]! > 0);
  const rates = kept.map((step) => given[step]!);
  const squares = kept.map((step) => (given[step]! * (norms?.[step] ?? 1)) ** 2);
  const total = (values: readonly number[], from: number) => values.slice(from).reduce((a, b) => a + b, 0);
  let brackets = total(squares, 0) / total(rates, 0);
  for (let k = 0; k < rates.length - 1; k++) {
    brackets += rates[k]! / total(rates, k + 1) * total(squares, k) / total(rates, k);
  }
  return { distance: 1 / (2 * total(rates, 0)), gradients: brackets / 2 };
}

function close(actual: number, expected: number, tolerance: number, what: string) {
  assert.ok(Math.abs(actual / expected - 1) <= tolerance, `${what}: ${actual}, not ${expected}`);
}

Deno.test("the bound is the papers' own, for every schedule of the catalogue, to 1e-9", () => {
  const norms = Float64Array.from({ length: 100 }, (_, step) => 1 + Math.sin(step) ** 2);
  for (const { name, sample } of Object.values(CATALOGUE.entries)) {
    if (name === "custom") continue;
    const { lr } = buildSchedule(sample, SHAPE);
    const rates = Float64Array.from({ length: 100 }, (_, step) => lr(step));
    for (const given of [undefined, norms]) {
      const found = boundTerms(rates, given && { norms: given })!;
      const plain = plainTerms(rates, given);
      close(found.distance, plain.distance, 1e-9, name);
      close(found.gradients, plain.gradients, 1e-9, name);
    }
  }
});

Deno.test("bound and best base rate are those of the published code", () => {
  const norms = Float64Array.from({ length: STEPS }, (_, step) => 1 + Math.exp(-step / 100));
  for (const [name, golden] of Object.entries(GOLDEN.shapes)) {
    const spec = SPECS[name];
    if (spec === undefined) continue;
    const rates = ratesOf(spec);
    const check = (options: Parameters<typeof boundTerms>[1], { base, bound }: Record<string, unknown>) => {
      const best = bestBase(boundTerms(rates, options)!);
      close(best.base, base as number, 1e-9, name);
      close(best.bound, bound as number, 1e-9, name);
    };
    check({}, golden);
    check({ steps: STEPS / 2 }, golden.half_way);
    check({ norms }, golden.falling_norms);
  }
  for (const [name, { base, bound }] of Object.entries(GOLDEN.published)) {
    const best = bestBase(boundTerms(ratesOf(SPECS[name]!))!);
    // In doubles the published code loses digits where the last rates are small.
    close(best.base, base, 1e-7, name);
    close(best.bound, bound, 1e-7, name);
  }
});

Deno.test("ratios to linear decay at 1,000 steps", () => {
  const table = Object.fromEntries(
    Object.entries(SPECS).map(([name, spec]) => {
      const { boundRatio, rateRatio } = predict(ratesOf(spec))!;
      return [name, [boundRatio.toFixed(2), rateRatio.toFixed(2)]];
    }),
  );
  assert.deepEqual(table, {
    "linear": ["1.00", "1.00"],
    "cosine": ["1.03", "0.97"],
    "cosine to 10 %": ["1.06", "0.86"],
    "quadratic": ["1.06", "1.42"],
    "power 0.5": ["1.06", "0.71"],
    "WSD, linear over 20 %": ["1.08", "0.51"],
    "WSD, 1-sqrt over 20 %": ["1.06", "0.54"],
    "step x0.1": ["1.34", "1.01"],
    "SGDR of four cycles": ["1.25", "0.80"],
    "constant": ["1.45", "0.34"],
  });
});

Deno.test("linear decay in closed form is linear decay, to 1e-12", () => {
  for (const steps of [1, 2, 3, 99, 100, 101, 102, 1000, 100_000]) {
    const [found, exact] = [linearTerms(steps), boundTerms(linearDecay(steps))!];
    close(found.distance, exact.distance, 1e-12, `distance at ${steps}`);
    close(found.gradients, exact.gradients, 1e-12, `gradients at ${steps}`);
  }
});

Deno.test("the bound holds for SGD on |x|, at the best base rate and others", () => {
  // f(x) = |x| has G = 1; from x = 1, D = 1.
  for (const [name, spec] of Object.entries(SPECS)) {
    const rates = ratesOf(spec, 200);
    const terms = boundTerms(rates)!;
    for (const factor of [0.3, 1, 3]) {
      const base = bestBase(terms).base * factor;
      let x = 1;
      for (let step = 0; step < terms.steps - 1; step++) x -= base * rates[step]! * Math.sign(x);
      assert.ok(Math.abs(x) <= boundAt(terms, base), `${name} at ${factor} times its best rate`);
    }
    assert.ok(boundAt(terms, bestBase(terms).base * 1.01) > bestBase(terms).bound);
  }
});

Deno.test("steps with the rate 0 change nothing, wherever they are", () => {
  const rates = Float64Array.of(1, 0.8, 0.6, 0.4, 0.2);
  const padded = Float64Array.of(0, 1, 0, 0.8, 0.6, 0, 0.4, 0.2, 0, 0);
  assert.deepEqual({ ...boundTerms(padded), steps: 5 }, boundTerms(rates));
  assert.equal(boundTerms(padded)!.steps, 8);
  assert.equal(boundTerms(new Float64Array(5)), null);
  assert.equal(predict(new Float64Array(5)), null);
});

Deno.test("the best rate does not depend on the scale of the rates, however small", () => {
  const cosine = ratesOf(SPECS["cosine"]!);
  const tiny = cosine.map((rate) => rate * 1e-200);
  const [a, b] = [predict(cosine)!, predict(tiny)!];
  close(b.bound, a.bound, 1e-12, "bound");
  close(b.bestRate, a.bestRate, 1e-12, "best rate");
});

Deno.test("the curve ends in the bound, at the best rate of the whole run", () => {
  const rates = ratesOf(SPECS["cosine"]!);
  const { steps, bounds } = boundCurve(rates);
  assert.equal(steps.length, 100);
  assert.equal(steps.at(-1), 1000);
  close(bounds.at(-1)!, predict(rates)!.bound, 1e-12, "the last point");
  const { base } = bestBase(boundTerms(rates)!);
  close(bounds[49]!, boundAt(boundTerms(rates.slice(0, 500))!, base), 1e-12, "half way");
  assert.deepEqual(boundCurve(Float64Array.of(0, 0)), { steps: [], bounds: [] });
});

Deno.test("a cooldown and a floor are those of the catalogue", () => {
  const flat = new Float64Array(STEPS).fill(1);
  assert.deepEqual(withCooldown(flat, 1), linearDecay(STEPS));
  const wsd = ratesOf(SPECS["WSD, linear over 20 %"]!);
  withCooldown(flat, 0.2).forEach((rate, step) => assert.ok(Math.abs(rate - wsd[step]!) < 1e-12));
  const cosine = withFloor(ratesOf(SPECS["cosine"]!), 0.1);
  ratesOf(SPECS["cosine to 10 %"]!).forEach((rate, step) =>
    assert.ok(Math.abs(rate - cosine[step]!) < 1e-12)
  );
  assert.equal(peakOf(cosine), 1);
});

Deno.test("norms that are too few are refused", () => {
  assert.throws(
    () => boundTerms(Float64Array.of(1, 1), { norms: Float64Array.of(1) }),
    /Cannot bound 2 steps with 1 gradient norms/,
  );
});
