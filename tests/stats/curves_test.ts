import assert from "node:assert/strict";
import fc from "fast-check";
import { alignBySteps, corners, smoothed, stepsToTarget, thinned } from "#stats/curves.ts";
import { quantile, sampleSd, summarize } from "#stats/summary.ts";

Deno.test("curves of unequal length: each counts where it has the step", () => {
  const band = alignBySteps([
    { steps: [10, 20, 30], values: [1, 2, 3] },
    { steps: [10, 20], values: [3, NaN] },
    { steps: [15], values: [7] },
  ]);
  assert.deepEqual(band, {
    steps: [10, 15, 20, 30],
    mean: [2, 7, 2, 3],
    low: [1, 7, 2, 3],
    high: [3, 7, 2, 3],
    count: [2, 1, 1, 1],
  });
});

Deno.test("smoothing: the first value is itself, a constant stays, a step closes half in one half-life", () => {
  assert.equal(smoothed([5, 1, 1], 10)[0], 5);
  for (const value of smoothed(new Array(50).fill(0.3), 7)) assert.ok(Math.abs(value - 0.3) < 1e-12);
  // After many values at 1, ten values at 0 with half-life 10 leave one half.
  const step = smoothed([...new Array(2000).fill(1), ...new Array(10).fill(0)], 10);
  assert.equal(step[1999], 1);
  assert.ok(Math.abs(step[2009]! - 0.5) < 1e-12);
  assert.deepEqual(smoothed([1, 2, 3], 0), [1, 2, 3]);
  assert.deepEqual(smoothed([1, NaN, 1], 5).map(Number.isFinite), [true, false, true]);
  assert.throws(() => smoothed([1], -1), /must be >= 0/);
});

Deno.test("thinning 100,000 points keeps every series' extremes, both ends, the order and the limit", () => {
  const noise = Array.from({ length: 100_000 }, (_, i) => Math.sin(i) + Math.sin(i * i));
  const spiked = noise.with(54_321, 50).with(777, -50);
  const kept = thinned([spiked, noise], 600);
  assert.ok(kept.length <= 600 && kept.length > 300, `${kept.length}`);
  for (const index of [0, 777, 54_321, 99_999]) assert.ok(kept.includes(index), `${index} is lost`);
  assert.deepEqual(kept, kept.toSorted((a, b) => a - b));
});

Deno.test("thinning keeps the place of a jump, and short series whole", () => {
  const decay = Array.from({ length: 10_000 }, (_, i) => i < 3_333 ? 0.1 : i < 7_001 ? 0.01 : 0.5);
  const kept = thinned([decay], 100);
  assert.ok(kept.includes(3_333) && kept.includes(7_001));
  assert.deepEqual(thinned([[1, 2, 3]], 10), [0, 1, 2]);
  assert.deepEqual(thinned([], 10), []);
  assert.throws(() => thinned([new Array(100).fill(0)], 3), /4 needed/);
});

Deno.test("thinning never repeats or leaves out an end, for any length", () => {
  fc.assert(fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 500 }), (values) => {
    const kept = thinned([values], 40);
    assert.ok(kept.length <= Math.max(40, 0) && new Set(kept).size === kept.length);
    assert.equal(kept[0], 0);
    assert.equal(kept.at(-1), values.length - 1);
    const drawn = kept.map((index) => values[index]!);
    assert.equal(Math.max(...drawn), Math.max(...values));
    assert.equal(Math.min(...drawn), Math.min(...values));
  }));
});

Deno.test("steps to a target: the first that reaches it, null if none does", () => {
  const curve = { steps: [10, 20, 30], values: [0.4, 0.6, 0.5] };
  assert.equal(stepsToTarget(curve, 0.6), 20);
  assert.equal(stepsToTarget(curve, 0.61), null);
});

Deno.test("a summary leaves out what is missing, and has no spread of one value", () => {
  assert.deepEqual(summarize([2, null, 4, NaN, 6]), { count: 3, mean: 4, sd: 2, min: 2, median: 4, max: 6 });
  assert.equal(summarize([1])!.sd, null);
  assert.equal(summarize([null]), null);
  assert.equal(quantile([1, 2, 3, 4], 0.25), 1.75);
  // A large mean costs no digits.
  assert.ok(Math.abs(sampleSd([1e9, 1e9 + 1, 1e9 + 2]) - 1) < 1e-6);
});

Deno.test("corners: two points for a line, both sides of a jump, and no curve is off by more than was allowed", () => {
  const line = Array.from({ length: 1000 }, (_, i) => 0.1 - i * 1e-4);
  assert.deepEqual(corners([line]), [0, 999]);
  const drop = Array.from({ length: 900 }, (_, i) => i < 300 ? 0.1 : 0.01);
  assert.deepEqual(corners([drop]), [0, 299, 300, 899]);
  const wave = Array.from({ length: 5000 }, (_, i) => Math.cos(i / 400));
  const kept = corners([wave, line.concat(Array(4000).fill(0))], 1e-3);
  assert.ok(kept.length < 300, `${kept.length}`);
  for (let segment = 1; segment < kept.length; segment++) {
    const [from, to] = [kept[segment - 1]!, kept[segment]!];
    for (let i = from; i <= to; i++) {
      const drawn = wave[from]! + (wave[to]! - wave[from]!) * (i - from) / (to - from);
      assert.ok(Math.abs(drawn - wave[i]!) <= 2e-3 + 1e-9);
    }
  }
  assert.deepEqual([corners([]), corners([[1]]), corners([[1, 1, 1]])], [[], [0], [0, 2]]);
});
