import assert from "node:assert/strict";
import { pairedDifference } from "#stats/paired.ts";
import { skewnessReach } from "#stats/skewness.ts";
import { unpairedDifference } from "#stats/unpaired.ts";
import { judgeCoverage, POPULATIONS } from "../study/judge_coverage.ts";

const LOW = [0.02, 0.03, 0.025, 0.03, -0.03];

Deno.test("the reach of skewness is that of Edgeworth's first term, on the side of the longer tail", () => {
  // k₃/n²/SE² of LOW by hand: mean 0.015, s² = 6.5e-4.
  const third = (5 / 12) * LOW.reduce((sum, value) => sum + (value - 0.015) ** 3, 0);
  const expected = 2 * ((1 + 2 * 1.959964 ** 2) / 6) * (third / 25) / (6.5e-4 / 5);
  const [down, up] = skewnessReach([LOW], 0.95);
  assert.ok(Math.abs(down + expected) < 1e-7, `${down} ${expected}`);
  assert.equal(up, 0);
  assert.deepEqual(skewnessReach([LOW.map((value) => -value)], 0.95), [0, down]);
  // What is taken off the first sample has its tail on the other side; two alike have none.
  assert.ok(skewnessReach([[1, 2, 3], [0, 1, 10]], 0.95)[0] > 0);
  assert.deepEqual(skewnessReach([[0, 1, 10], [0, 1, 10]], 0.95), [0, 0]);
  assert.deepEqual(skewnessReach([[1, 2]], 0.95), [0, 0]);
  assert.deepEqual(skewnessReach([[1, 1, 1]], 0.95), [0, 0]);
});

Deno.test("an interval that allows for skewness keeps its short side, and ends at the largest difference", () => {
  const bySeed = (values: readonly number[]) => new Map(values.map((value, seed) => [seed, value]));
  const none = bySeed([0, 0, 0, 0, 0]);
  const plain = pairedDifference(bySeed(LOW), none).interval!;
  const wider = pairedDifference(bySeed(LOW), none, { allowsSkewness: true }).interval!;
  assert.equal(wider[1], plain[1]);
  assert.ok(Math.abs(wider[0] - plain[0] + skewnessReach([LOW], 0.95)[0]) < 1e-12);
  const ended = pairedDifference(bySeed(LOW), none, { allowsSkewness: true, largest: 0.047 }).interval!;
  assert.deepEqual(ended, [-0.047, plain[1]]);
  const [alone, allowed] = [false, true].map((allowsSkewness) =>
    unpairedDifference(LOW, [0.01, 0.02, 0.03], { allowsSkewness }).interval!
  );
  assert.ok(allowed![0] < alone![0] && allowed![1] === alone![1]);
});

Deno.test("judge's intervals hold in over 92 of 100 experiments where groups are skewed and scatter unequally", () => {
  const population = POPULATIONS["skewed, unequal variances"]!;
  for (const isPaired of [true, false]) {
    const share = judgeCoverage(population, { runs: 5, groups: 2, isPaired, experiments: 2000 });
    assert.ok(share > 0.915 && share < 0.97, String(share));
  }
});
