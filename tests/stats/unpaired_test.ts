import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import { unpairedDifference } from "#stats/unpaired.ts";

const close = (found: number, expected: number) =>
  assert.ok(Math.abs(found - expected) < 1e-9 * Math.max(1, Math.abs(expected)), `${found}, not ${expected}`);

/** By SciPy 1.17.1: Welch's standard error and degrees of freedom, rounded down, and the quantile of Student's t. */
const GOLDEN = [
  {
    arm: [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4],
    against: [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4],
    difference: -2.8333333333333357,
    alone: [-4.871052141112665, -0.7956145255540061],
    ofFour: [-5.491185537626347, -0.17548112904032465],
  },
  {
    arm: [0.61, 0.63, 0.62],
    against: [0.58, 0.60, 0.57],
    difference: 0.036666666666666625,
    alone: [0.0031207371470530418, 0.0702125961862802],
    ofFour: [-0.02016946698314242, 0.09350280031647568],
  },
  {
    arm: [1, 2, 4],
    against: [2.5, 9],
    difference: -3.4166666666666665,
    alone: [-46.20522904647773, 39.371895713144404],
    ofFour: [-174.9016674935663, 168.06833416023298],
  },
];

Deno.test("Welch's interval, alone and as one of four, agrees with SciPy", () => {
  for (const { arm, against, difference, alone, ofFour } of GOLDEN) {
    for (const [family, bounds] of [[1, alone], [4, ofFour]] as const) {
      const found = unpairedDifference(arm, against, { family });
      close(found.difference!, difference);
      found.interval!.forEach((bound, i) => close(bound, bounds[i]!));
      const verdict = bounds[0]! > 0 ? "higher" : bounds[1]! < 0 ? "lower" : "no detectable difference";
      assert.equal(found.verdict, verdict);
    }
  }
});

Deno.test("the interval holds the true difference in about 95 of 100 experiments, also with unequal spreads", () => {
  const source = random(5, "unpaired");
  const sample = (count: number, mean: number, sd: number) =>
    Array.from({ length: count }, () => mean + sd * source.normal());
  const trials = 2000;
  let held = 0;
  for (let trial = 0; trial < trials; trial++) {
    const [low, high] = unpairedDifference(sample(3, 1, 0.2), sample(5, 0, 1)).interval!;
    if (low <= 1 && 1 <= high) held++;
  }
  const share = held / trials;
  assert.ok(share > 0.935 && share < 0.985, `${share}`);
});

Deno.test("too few runs have no interval, equal ones no less than the resolution", () => {
  const none = { interval: null, uncorrected: null, family: 1, spread: null, verdict: "not enough runs" };
  assert.deepEqual(unpairedDifference([], [1, 2]), { difference: null, ...none });
  assert.deepEqual(unpairedDifference([3], [1, 2]), { difference: 1.5, ...none });
  const equal = unpairedDifference([1, 1], [1, 1], { resolution: 0.5 });
  // Rounding alone scatters two readings with resolution·√(1/12); t(0.975; 1) = 12.706.
  close(equal.interval![1], 12.706204736174694 * 0.5 * Math.sqrt(1 / 12));
  const many = unpairedDifference(Array(9).fill(1), Array(9).fill(1), { resolution: 0.5 });
  assert.deepEqual(many.interval, [-0.5, 0.5]);
  assert.equal(equal.verdict, "no detectable difference");
  for (const options of [{ family: 0 }, { confidence: 1 }, { resolution: -1 }]) {
    assert.throws(() => unpairedDifference([1, 2], [3, 4], options), RangeError);
  }
});
