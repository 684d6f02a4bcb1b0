import assert from "node:assert/strict";
import fc from "fast-check";
import { random } from "#lib/prng.ts";
import { levelsOf } from "#stats/range_levels.ts";
import { type Rule, RULES, suggestRates } from "#stats/rate_suggestions.ts";
import { GUESSING, known, measured, ramp } from "../support/range_curves.ts";

Deno.test("noise, outliers and a start far above guessing leave each rule near the rate of the loss without them", () => {
  const shapes = fc.record({
    middle: fc.double({ min: -3, max: -1.5, noNaN: true }),
    room: fc.double({ min: 1.5, max: 2, noNaN: true }),
    excess: fc.double({ min: 0, max: 2, noNaN: true }),
    seed: fc.nat(1e6),
  });
  const off: Record<Rule, number[]> = { valley: [], steepest: [], minimum_tenth: [], slide: [] };
  fc.assert(
    fc.property(shapes, ({ middle, room, excess, seed }) => {
      const shape = { middle, end: middle + room, excess };
      const found = suggestRates(measured(shape, seed), { plannedSteps: 200, guessing: GUESSING });
      const right = known(shape);
      for (const rule of RULES) {
        assert.equal(found[rule].reason, null, rule);
        off[rule].push(Math.abs(Math.log10(found[rule].rate! / right[rule])));
      }
    }),
    { numRuns: 40, seed: 1 },
  );
  // Decades off, in 9 of 10 ramps: a factor of 2 for a point on the flank, of 3 for one on the flat floor.
  const most: Record<Rule, number> = { valley: 0.3, steepest: 0.45, minimum_tenth: 0.5, slide: 0.35 };
  for (const rule of RULES) {
    const ninth = off[rule].sort((a, b) => a - b)[Math.floor(0.9 * off[rule].length)]!;
    assert.ok(ninth < most[rule], `${rule}: ${ninth.toFixed(2)} decades`);
  }
});

Deno.test("a fall that only brings the loss down to guessing is none", () => {
  const rates = ramp(200);
  const { normal } = random(3, "unlearning");
  const losses = rates.map((rate) =>
    GUESSING + 2 / (1 + Math.exp(6 * (Math.log10(rate) + 4))) + 0.1 * normal()
  );
  const options = { plannedSteps: 200, guessing: GUESSING };
  assert.match(suggestRates({ rates, losses }, options).valley.reason!, /does not fall/);
  const { valley } = suggestRates({ rates, losses }, { plannedSteps: 200 });
  assert.ok(Math.abs(Math.log10(valley.rate!) + 4) < 0.3, "without a loss of guessing it is one");
});

Deno.test("each rule by hand, without noise", () => {
  // Flat at 4 up to index 60, falls by 0.1 for 20, flat at 2 for 20, rises by 0.05 from then on.
  const losses = Array.from({ length: 140 }, (_, i) => {
    if (i <= 60) return 4;
    if (i <= 80) return 4 - 0.1 * (i - 60);
    return i <= 100 ? 2 : 2 + 0.05 * (i - 100);
  });
  const rates = ramp(140);
  const found = suggestRates({ rates, losses }, { plannedSteps: 140 });
  const at = (rule: Rule) => rates.findIndex((rate) => Math.abs(rate / found[rule].rate! - 1) < 1e-9);
  // Windows of 21 steps, so a corner is rounded within 10 steps of it.
  assert.equal(at("valley"), 70);
  assert.equal(at("steepest"), 70);
  const lowest = rates.findIndex((rate) => Math.abs(rate / (10 * found.minimum_tenth.rate!) - 1) < 1e-9);
  assert.ok(lowest >= 74 && lowest <= 100, String(lowest));
  // A tenth of the fall of 2 is 0.2: 4 steps of 0.05.
  assert.ok(Math.abs(at("slide") - 104) <= 2, String(at("slide")));
});

Deno.test("a loss that never falls, or only within its noise, suggests nothing and says why", () => {
  const rising = suggestRates(
    { rates: ramp(100), losses: Array.from({ length: 100 }, (_, i) => 2 + 0.01 * i) },
    { plannedSteps: 100 },
  );
  for (const rule of RULES) assert.deepEqual(rising[rule].rate, null);
  assert.match(rising.valley.reason!, /does not fall/);

  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 2, max: 3, noNaN: true }), { minLength: 100, maxLength: 100 }),
      (losses) => {
        const found = suggestRates({ rates: ramp(100), losses }, { plannedSteps: 100 });
        for (const rule of RULES) {
          const { rate, reason } = found[rule];
          assert.ok(rate === null ? reason!.length > 0 : rate >= 1e-7 && rate <= 10 * (1 + 1e-12));
        }
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("of pure noise one range test in a hundred suggests a rate at most", () => {
  let told = 0;
  const { uniform } = random(7, "pure noise");
  for (let trial = 0; trial < 200; trial++) {
    const losses = Array.from({ length: 100 }, () => 2.3 + uniform() + uniform() + uniform());
    const { valley } = suggestRates({ rates: ramp(100), losses }, { plannedSteps: 100 });
    if (valley.rate !== null) told++;
  }
  assert.ok(told <= 2, `${told} of 200`);
});

Deno.test("what ends too early, or is still falling at its end, is not guessed", () => {
  const options = { plannedSteps: 100 };
  const falls = Array.from({ length: 100 }, (_, i) => 3 - 0.02 * i);
  const short = suggestRates({ rates: ramp(100).slice(0, 12), losses: falls.slice(0, 12) }, options);
  assert.match(short.steepest.reason!, /12 of 100 steps/);
  const falling = suggestRates({ rates: ramp(100), losses: falls }, options);
  assert.match(falling.minimum_tenth.reason!, /still falling/);
  assert.match(falling.slide.reason!, /did not turn up before/);
  assert.notEqual(falling.valley.rate, null);
  // Where it diverged, the explosion may lie in the last few steps alone: the floor ends there.
  const sudden = suggestRates(
    { rates: ramp(100).slice(0, 81), losses: [...falls.slice(0, 78), 20, 50, 90] },
    options,
  );
  assert.notEqual(sudden.minimum_tenth.rate, null);
  assert.ok(sudden.slide.rate! >= ramp(100)[70]!);
  const broken = [...falls.slice(0, 80), NaN, 3];
  assert.deepEqual(
    suggestRates({ rates: ramp(100).slice(0, 82), losses: broken }, options),
    suggestRates({ rates: ramp(100).slice(0, 80), losses: broken.slice(0, 80) }, options),
  );
  assert.throws(() => suggestRates({ rates: [1], losses: [] }, options), TypeError);
});

Deno.test("a long ramp is read as points of several steps, as quickly as a short one", () => {
  const shape = { middle: -2, end: -0.5, excess: 1 };
  const started = performance.now();
  const { valley } = suggestRates(measured(shape, 4, 20_000), { plannedSteps: 20_000, guessing: GUESSING });
  assert.ok(Math.abs(Math.log10(valley.rate! / known(shape).valley)) < 0.15, String(valley.rate));
  assert.ok(performance.now() - started < 60_000);
  const levels = levelsOf(measured(shape, 4, 20_000), 20_000);
  assert.ok(typeof levels !== "string" && levels.points.length <= 250);
});
