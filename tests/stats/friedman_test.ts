import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import { fisherTail } from "#stats/f_distribution.ts";
import { blockRanks, criticalDifference, friedman, unseparated } from "#stats/friedman.ts";
import { studentizedRangeCdf, studentizedRangeQuantile } from "#stats/studentized_range.ts";

const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

Deno.test("the studentized range agrees with scipy 1.17 and with Demšar's table", () => {
  // scipy.stats.studentized_range.ppf(0.95, k, inf)/√2, k = 2 … 20; Demšar (2006) prints k = 2 … 10 to three decimals.
  const scipy = [
    [1.959964, 2.343701, 2.569032, 2.727774, 2.849705, 2.94832, 3.030878, 3.10173, 3.163684, 3.218654],
    [3.268004, 3.312739, 3.353618, 3.39123, 3.426041, 3.458425, 3.488685, 3.517073, 3.543799],
  ].flat();
  const demsar = [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164];
  const own = scipy.map((_, index) => studentizedRangeQuantile(0.95, index + 2) / Math.SQRT2);
  scipy.forEach((value, index) => near(own[index]!, value, 1e-6));
  demsar.forEach((value, index) => near(own[index]!, value, 1e-3));
  near(studentizedRangeQuantile(0.9, 3), 2.9023802134282515, 1e-8);
  near(studentizedRangeQuantile(0.99, 16), 5.49329077007444, 1e-8);
  near(studentizedRangeCdf(3, 5), 0.789123495036462);
  near(studentizedRangeCdf(5, 16), 0.9650336823704168);
  assert.equal(studentizedRangeCdf(0, 3), 0);
  near(studentizedRangeCdf(40, 3), 1, 1e-12);
  assert.throws(() => studentizedRangeQuantile(0.95, 1), /Cannot take the range of 1 groups/);
  assert.throws(() => studentizedRangeQuantile(1, 3), /Cannot take a quantile at 1/);
});

Deno.test("the tail of F agrees with scipy 1.17", () => {
  near(fisherTail(3, 4, 20), 0.04320099833421409);
  near(fisherTail(1.5, 15, 120), 0.11562134405884728);
  near(fisherTail(0.5, 3, 7), 0.6940363875688137);
  near(fisherTail(9.2, 1, 3), 0.05617075413599708);
  assert.deepEqual([fisherTail(0, 2, 3), fisherTail(Infinity, 2, 3)], [1, 0]);
  assert.throws(() => fisherTail(1, 0, 3), /Cannot use 0 degrees of freedom/);
});

Deno.test("ranks within a block: the highest is first, ties share ranks, failures are last", () => {
  assert.deepEqual(blockRanks([0.9, 0.9, 0.1]), [1.5, 1.5, 3]);
  assert.deepEqual(blockRanks([null, 0.2, null, 0.5, null]), [4, 2, 4, 1, 4]);
  // A negative score is no failure.
  assert.deepEqual(blockRanks([-9, null, 0]), [2, 3, 1]);
});

Deno.test("Friedman's statistic with ties agrees with scipy 1.17", () => {
  const measured = [[3, 1, 2, 2], [5, 1, 4, 2], [7, 7, 3, 3], [9, 2, 2, 8], [4, 1, 3, 2]];
  const { chiSquare, blocks } = friedman(measured.map((block) => blockRanks(block.map((x) => -x))))!;
  near(chiSquare, 9.456521739130437);
  assert.equal(blocks, 5);
  // Without ties the variance is the books'.
  near(friedman([[1, 2, 3, 4], [2, 1, 4, 3]])!.variance, 4 * 5 / 12);
});

Deno.test("Friedman: blocks that agree, blocks that tell nothing, and what are no rankings", () => {
  const { f, p } = friedman([[1, 2, 3], [1, 2, 3]])!;
  assert.deepEqual([f, p], [Infinity, 0]);
  assert.equal(friedman([[2, 2, 2], [2, 2, 2]]), null);
  assert.throws(() => friedman([[1, 2, 3]]), /3 treatments in 1 blocks/);
  assert.throws(() => friedman([[1, 2, 3], [1, 2, 4]]), /Cannot use block 2: .* add up to 6/);
});

Deno.test("critical differences of published comparisons", () => {
  // Demšar (2006), section 3.2.3: four classifiers on 14 data sets, 1.25.
  near(criticalDifference({ treatments: 4, blocks: 14 }), 1.25, 5e-3);
  near(criticalDifference({ treatments: 16, blocks: 9 }), 3.426041 * Math.sqrt(16 * 17 / 54), 1e-5);
  assert.throws(() => criticalDifference({ treatments: 3, blocks: 0 }), /over 0 blocks/);
});

Deno.test("groups are the longest stretches within the critical difference, none within another", () => {
  assert.deepEqual(unseparated([1, 2, 3, 4], 1.5), [[0, 1], [1, 2], [2, 3]]);
  assert.deepEqual(unseparated([1, 1.2, 1.4, 5], 1), [[0, 1, 2]]);
  assert.deepEqual(unseparated([1, 4, 7], 1), []);
  // A difference as large as the critical one separates.
  assert.deepEqual(unseparated([1, 2], 1), []);
  assert.deepEqual(unseparated([3, 2, 1], 9), [[2, 1, 0]]);
});

Deno.test("without any difference the critical difference separates a pair in at most 5 % of cases", () => {
  const source = random(20261128, "nemenyi");
  const share = (blocks: number, seeds: number) => {
    const unit = criticalDifference({ treatments: 8, blocks, variance: 1 });
    let separated = 0;
    for (let trial = 0; trial < 600; trial++) {
      const ranked = Array.from({ length: blocks }, () => {
        const drawn = Array.from(
          { length: seeds },
          () => blockRanks(Array.from({ length: 8 }, source.normal)),
        );
        return drawn[0]!.map((_, family) => drawn.reduce((sum, ranks) => sum + ranks[family]!, 0) / seeds);
      });
      const { meanRanks, variance } = friedman(ranked)!;
      const range = Math.max(...meanRanks) - Math.min(...meanRanks);
      if (range >= unit * Math.sqrt(variance)) separated++;
    }
    return separated / 600;
  };
  // 5 % and three standard errors of 600 trials.
  for (const [blocks, seeds] of [[4, 1], [9, 1], [9, 4]] as const) {
    const found = share(blocks, seeds);
    assert.ok(found <= 0.077 && found >= 0.005, `${100 * found} % with ${blocks} blocks of ${seeds} seeds`);
  }
});
