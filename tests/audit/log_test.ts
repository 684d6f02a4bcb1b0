import assert from "node:assert/strict";
import { rateLog } from "#audit/log.ts";
import { audit } from "#audit/audit.ts";
import { planOf } from "#audit/plan.ts";

const points = (pairs: readonly (readonly [number, number])[]) =>
  pairs.map(([step, rate]) => ({ step, rate }));
const alone = { plan: null, total: null, stepsPerEpoch: null, metric: null };

Deno.test("points without a finite rate or a whole step are left out, and counted", () => {
  const log = rateLog(points([[0, 0.1], [1, NaN], [2, Infinity], [2.5, 0.1], [-1, 0.1], [3, 0.05]]));
  assert.deepEqual(log.steps, [0, 3]);
  assert.deepEqual(log.notes.slice(0, 2), [
    "2 points are left out: they have rates that are not finite numbers.",
    "2 points are left out: they have steps that are not whole numbers.",
  ]);
});

Deno.test("a log that goes back is one of a resumed run: later points replace earlier ones", () => {
  const log = rateLog(points([[0, 4], [10, 3], [20, 2], [30, 1], [20, 9], [30, 8]]));
  assert.deepEqual([log.steps, log.rates, log.resumedAt], [[0, 10, 20, 30], [4, 3, 9, 8], [20]]);
  assert.match(log.notes[0]!, /goes back to step 20.*2 earlier points/);
});

Deno.test("several goes back are one note, and steps that begin again with each epoch are asked about", () => {
  const epochs = Array.from({ length: 40 }, (_, i) => [i % 10, 1 - i / 40] as const);
  const [note, ...others] = rateLog(points(epochs)).notes;
  assert.match(
    note!,
    /goes back 3 times, first to step 0, .*30 earlier points.*counted anew in each epoch\?/,
  );
  assert.deepEqual(others, []);
  const twice = rateLog(points([[0, 4], [10, 3], [5, 2], [10, 1], [7, 0.5]]));
  assert.match(twice.notes[0]!, /goes back 2 times, first to step 5, .*2 earlier points are replaced\.$/);
});

Deno.test("a gap of 10¹² steps, and a plan of 10⁹, come to an end", () => {
  const half = (t: number) => 0.05 * (1 + Math.cos(Math.PI * t / 100));
  const rates = points([
    ...Array.from({ length: 50 }, (_, t) => [t, half(t)] as const),
    ...[0.05, 0.04, 0.03, 0.02].map((rate, k) => [1e12 + k, rate] as const),
  ]);
  assert.equal(audit(rateLog(rates), alone).verdict, "open");
  const plan = planOf({ name: "cosine", lr: 0.1, T_max: "100%" }, { totalSteps: 1e9, stepsPerEpoch: 1 });
  assert.equal(audit(rateLog(rates), { ...alone, plan }).verdict, "open");
});

Deno.test("a plateau's evaluations may be as many as its steps, and its patience any number", () => {
  const spec = { name: "plateau", lr: 0.1, factor: 0.5, patience: 1e9 };
  const plan = planOf(spec, { totalSteps: 10_000, stepsPerEpoch: 100 });
  const metric = Array.from({ length: 10_000 }, (_, step) => ({ step, value: 1 / (step + 1) }));
  const log = rateLog(metric.map(({ step }) => ({ step, rate: step < 9000 ? 0.1 : 0.05 })));
  const { defects } = audit(log, { ...alone, plan, metric: metric.slice(0, 100) });
  assert.equal(defects[0]!.defect.code, "plateau-on-noise");
  assert.equal(
    audit(rateLog(metric.map(({ step }) => ({ step, rate: 0.1 }))), { ...alone, plan, metric }).verdict,
    "clean",
  );
});

Deno.test("a step that is logged twice in a row counts once; unequal distances are noted", () => {
  const log = rateLog(points([[0, 1], [5, 0.9], [5, 0.8], [10, 0.7], [27, 0.1]]));
  assert.deepEqual(log.rates, [1, 0.8, 0.7, 0.1]);
  assert.match(log.notes.join(" "), /1 step is logged twice in a row.*not equally far apart \(median 5\)/);
});

Deno.test("steps 1, 2, 3 and 50, 100 may count from 1; 0, 50 and 49, 99 count from 0", () => {
  const from = (...steps: number[]) => rateLog(steps.map((step) => ({ step, rate: 1 }))).mayCountFromOne;
  assert.deepEqual([from(1, 2, 3), from(50, 100, 150)], [true, true]);
  assert.deepEqual([from(0, 50, 100), from(49, 99, 149), from(0, 1, 2)], [false, false, false]);
});

Deno.test("the tolerance follows how rates are written", () => {
  const rates = Array.from({ length: 20 }, (_, t) => 0.1 * Math.cos(t / 20) + 0.001);
  const relative = (values: number[]) => {
    const log = rateLog(values.map((rate, step) => ({ step, rate })));
    return log.tolerances[3]! / log.rates[3]!;
  };
  assert.ok(relative(rates) < 1e-7);
  assert.ok(relative(rates.map(Math.fround)) < 1e-5);
  const rounded = relative(rates.map((rate) => Number(rate.toPrecision(4))));
  assert.ok(rounded > 3e-5 && rounded < 1e-3, String(rounded));
});

Deno.test("no point and one point: it cannot tell", () => {
  assert.deepEqual(
    [audit(rateLog([]), alone), audit(rateLog(points([[5, 0.1]])), alone)].map((
      { verdict, why },
    ) => [verdict, why]),
    [["open", "The log has no usable rate."], [
      "open",
      "The log has one point, which every schedule can give.",
    ]],
  );
});

Deno.test("a rate below zero is a defect, and no bad input", () => {
  const line = rateLog(Array.from({ length: 30 }, (_, t) => ({ step: t, rate: 0.1 * (1 - t / 20) })));
  const { verdict, defects } = audit(line, alone);
  assert.deepEqual([verdict, defects[0]!.defect.code], ["defect", "below-zero"]);
  assert.match(defects[0]!.what, /at step 21 and below zero from there on/);
});

Deno.test("a rate of 0 throughout is said to train nothing", () => {
  const { verdict, why } = audit(rateLog(points([[0, 0], [1, 0], [2, 0]])), alone);
  assert.deepEqual([verdict, /^The rate is 0 at every step: nothing is trained/.test(why)], ["open", true]);
});
