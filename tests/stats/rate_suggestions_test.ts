import assert from "node:assert/strict";
import fc from "fast-check";
import { RULES, suggestRates } from "#stats/rate_suggestions.ts";
import { movingAverage } from "#lib/moving_average.ts";

/** An exponential ramp from 1e-6 to 10. */
const ramp = (steps: number) => Array.from({ length: steps }, (_, i) => 1e-6 * 1e7 ** (i / (steps - 1)));

/** A loss that falls around 10^-2.2 and explodes around 10^-0.1, with a wobble. */
function bowl(steps: number, wobble: number): number[] {
  return Array.from({ length: steps }, (_, i) => {
    const x = -6 + (7 * i) / (steps - 1);
    return 2.3 - 1.5 / (1 + Math.exp(-3 * (x + 2.2))) + Math.exp(6 * (x - 0.1)) +
      wobble * (0.05 * Math.sin(2.1 * i) + 0.03 * Math.sin(5.3 * i));
  });
}

/**
 * What fastai's own functions say of these curves (callback/schedule.py, run with numpy 1.24 and PyTorch 1.13 in 64
 * bits on the smoothed losses from the first tenth to the last but five): measured steps until the smoothed loss was
 * beyond four times its lowest, and the rates.
 */
const FASTAI = [
  {
    steps: 100,
    wobble: 0,
    smoothing: 0,
    measured: 90,
    valley: 0.00093260334688322,
    steepest: 0.005590810182512224,
    minimum_tenth: 0.020092330025650466,
    slide: 0.0021049041445120203,
  },
  {
    steps: 150,
    wobble: 1,
    smoothing: 0,
    measured: 134,
    valley: 0.023395240647448235,
    steepest: 0.0037193735530726448,
    minimum_tenth: 0.014715846019280573,
    slide: 0.0011315956652786065,
  },
  {
    steps: 150,
    wobble: 1,
    smoothing: 0.9,
    measured: 139,
    valley: 0.007931016603333051,
    steepest: 0.009846652027941225,
    minimum_tenth: 0.03895866144687557,
    slide: 0.007931016603333051,
  },
  {
    steps: 200,
    wobble: 1,
    smoothing: 0.98,
    measured: 192,
    valley: 0.009437878277775383,
    steepest: 0.018041864093920713,
    minimum_tenth: 0.09547716114208063,
    slide: 0.1482020705798858,
  },
];

for (const { steps, wobble, smoothing, measured, ...expected } of FASTAI) {
  Deno.test(`${steps} steps, wobble ${wobble}, smoothing ${smoothing}: the rates of fastai`, () => {
    const losses = bowl(steps, wobble).slice(0, measured);
    const found = suggestRates({ rates: ramp(steps).slice(0, measured), losses }, {
      smoothing,
      plannedSteps: steps,
    });
    for (const rule of RULES) {
      const { rate, reason } = found[rule];
      assert.equal(reason, null, rule);
      assert.ok(Math.abs(rate! / expected[rule] - 1) < 1e-9, `${rule}: ${rate}, not ${expected[rule]}`);
    }
  });
}

/** A curve of 100 planned steps of which rules see `seen`, between the margins that they leave out. */
function seeing(seen: readonly number[]) {
  const start = Array.from({ length: 10 }, () => seen[0]!);
  const end = Array.from({ length: 5 }, () => 9);
  const losses = [...start, ...seen, ...end];
  const rates = ramp(100).slice(0, losses.length);
  return { found: suggestRates({ rates, losses }, { smoothing: 0, plannedSteps: 100 }), at: rates.slice(10) };
}

Deno.test("each rule by hand", () => {
  // Slopes: 0, −1, −3, −2, 0, +4. The longest falling run is 8 7 4 2: four points up to index 4; equal values don't fall.
  const { found, at } = seeing([8, 8, 7, 4, 2, 2, 6]);
  assert.equal(found.steepest.rate, at[2]);
  assert.equal(found.minimum_tenth.rate, at[4]! / 10);
  // n = 4, e = 4: s = 0, ⌊4/3⌋ + ⌊4/6⌋ = 1.
  assert.equal(found.valley.rate, at[1]);
  assert.equal(found.slide.rate, null);
  assert.match(found.slide.reason!, /needs 16 steps, and the curve has 7/);
});

Deno.test("the slide stops where slopes 15 steps apart are alike again", () => {
  // Flat at 4 for 12, falls by 0.1 for 20, rises by 1 for 8: slopes 0, −0.1, +1.
  const seen = [
    ...Array.from({ length: 12 }, () => 4),
    ...Array.from({ length: 20 }, (_, i) => 4 - 0.1 * (i + 1)),
    ...Array.from({ length: 8 }, (_, i) => 2 + (i + 1)),
  ];
  const { found, at } = seeing(seen);
  // The right point comes down to index 31, whose central difference (1 − 0.1)/2 differs from −0.1 at 16; at 30 both
  // slopes are −0.1.
  assert.equal(found.slide.rate, at[16]);
});

Deno.test("a loss that never falls, or only within its noise, suggests nothing and says why", () => {
  const rising = suggestRates(
    { rates: ramp(100), losses: Array.from({ length: 100 }, (_, i) => 2 + 0.01 * i) },
    { smoothing: 0.9, plannedSteps: 100 },
  );
  for (const rule of RULES) assert.deepEqual(rising[rule].rate, null);
  assert.match(rising.valley.reason!, /does not fall/);

  fc.assert(fc.property(
    fc.array(fc.double({ min: 2, max: 3, noNaN: true }), { minLength: 100, maxLength: 100 }),
    fc.constantFrom(0.9, 0.95, 0.98),
    (losses, smoothing) => {
      const found = suggestRates({ rates: ramp(100), losses }, { smoothing, plannedSteps: 100 });
      for (const rule of RULES) {
        const { rate, reason } = found[rule];
        assert.ok(rate === null ? reason!.length > 0 : rate >= 1e-7 && rate <= 10);
      }
    },
  ));
});

Deno.test("of pure noise one range test in a hundred suggests a rate at most", () => {
  let told = 0;
  let state = 7;
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let trial = 0; trial < 500; trial++) {
    const losses = Array.from({ length: 100 }, () => 2.3 + uniform() + uniform() + uniform());
    const { valley } = suggestRates({ rates: ramp(100), losses }, { smoothing: 0.95, plannedSteps: 100 });
    if (valley.rate !== null) told++;
  }
  assert.ok(told <= 5, `${told} of 500`);
});

Deno.test("what ends too early, or is still falling at its end, is not guessed", () => {
  const options = { smoothing: 0, plannedSteps: 100 };
  const short = suggestRates({ rates: ramp(100).slice(0, 12), losses: bowl(100, 0).slice(0, 12) }, options);
  assert.match(short.steepest.reason!, /12 of 100 steps/);
  const falling = suggestRates(
    { rates: ramp(100), losses: Array.from({ length: 100 }, (_, i) => 3 - 0.02 * i) },
    options,
  );
  assert.match(falling.minimum_tenth.reason!, /still falling/);
  assert.match(falling.slide.reason!, /did not turn up before it/);
  assert.notEqual(falling.valley.rate, null);
  // Where it diverged, the explosion may lie in the last five steps alone.
  const sudden = suggestRates({
    rates: ramp(100).slice(0, 81),
    losses: [...Array.from({ length: 78 }, (_, i) => 3 - 0.02 * i), 20, 50, 90],
  }, options);
  assert.equal(sudden.minimum_tenth.rate, ramp(100)[75]! / 10);
  assert.equal(sudden.slide.rate, ramp(100)[60]);
  const broken = [...bowl(100, 0).slice(0, 80), NaN];
  assert.deepEqual(
    suggestRates({ rates: ramp(100).slice(0, 81), losses: broken }, options),
    suggestRates({ rates: ramp(100).slice(0, 80), losses: broken.slice(0, 80) }, options),
  );
  assert.throws(() => suggestRates({ rates: [1], losses: [] }, options), TypeError);
  assert.throws(() => suggestRates({ rates: [1], losses: [1] }, { ...options, smoothing: 1 }), RangeError);
});

Deno.test("the average is that of the definition: weights β^(t − i), to a sum of one", () => {
  const average = movingAverage(0.98);
  const values = [3, 1, 4, 1, 5];
  values.forEach((value, t) => {
    const weights = values.slice(0, t + 1).map((_, i) => 0.98 ** (t - i));
    const sum = weights.reduce((all, weight, i) => all + weight * values[i]!, 0);
    const whole = weights.reduce((all, weight) => all + weight, 0);
    assert.ok(Math.abs(average(value) - sum / whole) < 1e-12);
  });
  assert.throws(() => movingAverage(1), RangeError);
  assert.throws(() => movingAverage(NaN), RangeError);
});
