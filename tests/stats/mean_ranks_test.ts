import assert from "node:assert/strict";
import { meanRanks } from "#stats/mean_ranks.ts";
import { stratifiedMean } from "#stats/stratified_mean.ts";
import { random } from "#lib/prng.ts";
import { BENCHMARKS, drawn, rankCoverage } from "./rank_coverage.ts";

const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

Deno.test("a stratified mean: settings count alike, whatever their seeds", () => {
  const { mean, interval } = stratifiedMean([[0, 2], [10, 10, 10, 10]]);
  assert.equal(mean, 5.5);
  // Only the first setting scatters: v = 2/2, one degree of freedom, t = 12.706.
  near(interval![1] - 5.5, 12.7062047 / 2, 1e-6);
  assert.equal(stratifiedMean([[1], [2, 3]]).interval, null);
});

Deno.test("a stratified mean of equal values is as wide as a rare step leaves open", () => {
  const { interval } = stratifiedMean([[1, 1, 1], [1, 1, 1]], { step: 1 });
  near(interval![1], 1 + Math.log(2 / 0.05) / 6);
  assert.deepEqual(stratifiedMean([[1, 1], [1, 1]]).interval, [1, 1]);
});

Deno.test("mean ranks: per seed, then per setting; groups and who is behind", () => {
  const order = [[9, 9], [8, 8], [7, 7], [0, null]];
  const { families, groups, behind, test, criticalDifference } = meanRanks(Array(12).fill(order));
  assert.deepEqual(families.map(({ rank }) => rank), [1, 2, 3, 4]);
  // The failed seed ranks last too.
  assert.deepEqual(families[3]!.bySetting, Array(12).fill(4));
  assert.equal(test!.blocks, 12);
  near(criticalDifference!, 2.569032 * Math.sqrt(4 * 5 / 6 / 12), 1e-5);
  assert.deepEqual(groups, [[0, 1], [1, 2], [2, 3]]);
  assert.deepEqual(behind, [2, 3]);
  for (
    const { rank, interval: [low, high] } of families.map((one) => ({ ...one, interval: one.interval! }))
  ) {
    assert.ok(1 <= low && low <= rank && rank <= high && high <= 4 && high > low);
  }
});

Deno.test("one setting, or one seed, gives ranks without a test, or without intervals", () => {
  const one = meanRanks([[[0.9, 0.8], [0.7, 0.9]]]);
  assert.deepEqual([one.test, one.criticalDifference, one.groups, one.behind], [null, null, [[0, 1]], []]);
  const { families, test } = meanRanks([[[0.9], [0.7]], [[0.9], [0.7]]]);
  assert.ok(test !== null && families.every(({ interval }) => interval === null));
  assert.throws(() => meanRanks([]), /Cannot rank 0 families in 0 settings/);
  assert.throws(() => meanRanks([[[1, 2], [1]]]), /Cannot rank setting 1/);
});

Deno.test("intervals of ranks and regrets hold in simulated benchmarks", () => {
  const size = { settings: 6, families: 6, seeds: 4 };
  for (const name of ["no difference", "a third apart, settings differ"]) {
    const held = rankCoverage(BENCHMARKS[name]!, size, { benchmarks: 40, resamples: 200, truthSeeds: 200 });
    // Each at 1 − 0.05/6; 240 of them, and the truth of ranks is itself simulated.
    assert.ok(held.rank >= 0.97, `${name}: ranks ${held.rank}`);
    assert.ok(held.regret >= 0.97, `${name}: regrets ${held.regret}`);
    assert.ok(held.worst >= 0.97, `${name}: worst regrets ${held.worst}`);
    assert.ok(Math.abs(held.bias) <= 0.25, `${name}: bias ${held.bias}`);
  }
});

Deno.test("without any difference seeds put a family behind the best one in at most 5 % of benchmarks", () => {
  const source = random(20261128, "behind");
  const size = { settings: 4, families: 6, seeds: 4 };
  const wrong = (name: string) =>
    Array.from({ length: 300 }, () => meanRanks(drawn(BENCHMARKS[name]!, size, source).scores))
      .filter(({ behindHere }) => behindHere.length > 0).length / 300;
  // 5 % and three standard errors of 300 benchmarks.
  for (const name of ["no difference", "no difference, skewed"]) {
    const share = wrong(name);
    assert.ok(share <= 0.088, `${name}: ${100 * share} %`);
  }
  const apart = drawn(BENCHMARKS["two apart, settings differ"]!, size, source);
  assert.deepEqual(meanRanks(apart.scores).behindHere.slice(-4), [2, 3, 4, 5]);
});
