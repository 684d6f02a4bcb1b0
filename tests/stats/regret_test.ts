import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import { rateLoss } from "#stats/rate_robustness.ts";
import { gainShares, regrets } from "#stats/regret.ts";
import { mean } from "#stats/summary.ts";

const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

Deno.test("regrets without noise are the differences from each setting's best", () => {
  const seeds = (value: number) => [value, value, value];
  const [first, second, third] = regrets([
    [seeds(1), seeds(0.8), seeds(0)],
    [seeds(0.9), seeds(1), seeds(0.7)],
  ]);
  near(first!.mean, 0.05);
  near(second!.mean, 0.1);
  near(third!.mean, 0.65);
  assert.equal(third!.worst.setting, 0);
  near(third!.worst.regret, 1);
  for (const { mean, interval } of [first!, second!, third!]) {
    near(interval![0], mean);
    near(interval![1], mean);
  }
});

Deno.test("one seed gives regrets without intervals, and wrong shapes are refused", () => {
  const [first, second] = regrets([[[1], [0.5]]]);
  assert.deepEqual([first!.mean, first!.interval, first!.worst.interval], [0, null, null]);
  assert.equal(second!.mean, 0.5);
  assert.throws(() => regrets([]), /without a setting and a family/);
  assert.throws(() => regrets([[[1, 2], [1]]]), /setting 1: every family needs a score/);
});

Deno.test("among families that are all alike, regret is not the luck of the best", () => {
  const source = random(20261128, "regret");
  const [own, plain]: [number[], number[]] = [[], []];
  for (let trial = 0; trial < 40; trial++) {
    const scores = Array.from(
      { length: 6 },
      () => Array.from({ length: 8 }, () => Array.from({ length: 4 }, source.normal)),
    );
    for (const { mean: regret, bySetting, interval } of regrets(scores, { resamples: 200 })) {
      own.push(regret);
      plain.push(mean(bySetting));
      assert.ok(interval![0] <= regret && regret <= interval![1]);
    }
  }
  // The true regret is 0. The best of 8 means of 4 is 1.42/√4 standard deviations above the others' mean.
  near(mean(plain), 0.71, 0.05);
  assert.ok(mean(own) < 0.2, `${mean(own)}`);
});

Deno.test("gains: guessing is 0, the best family 1, and nothing is lost where none learns", () => {
  assert.deepEqual(gainShares([[-1, -1], [-3, -5]], -5), [[1, 1], [0.5, 0]]);
  assert.deepEqual(gainShares([[0.1], [0.05]], 0.1), [[0], [0]]);
});

Deno.test("another rate: failed runs count as guessing, and failures have an exact interval", () => {
  const chosen = Array(8).fill(0.9);
  const { loss, interval, failures } = rateLoss([
    { chosen, other: [0.8, 0.8, 0.8, 0.8, null, null, null, null], guessing: 0.1 },
    { chosen, other: chosen, guessing: 0.1 },
  ]);
  near(loss, (0.1 + 0.8) / 2 / 2);
  assert.ok(interval![0] < loss && loss < interval![1]);
  const { difference, interval: [low, high], ...counts } = failures;
  assert.deepEqual(counts, { chosen: 0, other: 4, runs: 16 });
  near(difference, 0.25);
  assert.ok(low > -0.05 && low < 0.25 && high < 0.6);
  assert.throws(() => rateLoss([{ chosen: [1], other: [], guessing: 0 }]), /setting 1: they differ in seeds/);
  // More runs than the exact interval takes.
  const many = rateLoss([{ chosen: Array(200).fill(1), other: Array(200).fill(null), guessing: 0 }]);
  assert.ok(many.failures.interval[0] > 0.9);
});
