import { fisherTail } from "./f_distribution.ts";
import { ranks } from "./spearman.ts";
import { studentizedRangeQuantile } from "./studentized_range.ts";
import { mean } from "./summary.ts";

/** Treatments ranked within blocks: which of them differ over all blocks. */
export interface Friedman {
  /** Mean rank of each treatment over the blocks, 1 is the best. */
  readonly meanRanks: readonly number[];
  /** Friedman's statistic with its correction for ties. */
  readonly chiSquare: number;
  /** Iman and Davenport's F, less conservative where there are few blocks; Infinity where all blocks agree. */
  readonly f: number;
  /** Of F: the probability of one as large if blocks order the treatments at random. */
  readonly p: number;
  /** Variance of a rank within a block, k(k + 1)/12 without ties, on average over blocks. */
  readonly variance: number;
  readonly blocks: number;
}

/**
 * Ranks within a block: 1 for the highest score, equal scores share the mean of their ranks, and `null`, a failure, is
 * last: failures share the last ranks.
 *
 * @example The third failed
 * ```ts
 * import assert from "node:assert/strict";
 * import { blockRanks } from "#stats/friedman.ts";
 *
 * assert.deepEqual(blockRanks([0.7, 0.9, null, 0.7]), [2.5, 1, 4, 2.5]);
 * ```
 */
export function blockRanks(scores: readonly (number | null)[]): number[] {
  return ranks(scores.map((score) => score === null ? Infinity : -score));
}

/**
 * Friedman's test of k treatments in N blocks, with its correction for ties, and Iman and Davenport's F:
 *
 *     χ² = N·Σ(R̄ᵢ − (k + 1)/2)²/s²,   F = (N − 1)χ²/(N(k − 1) − χ²) with k − 1 and (k − 1)(N − 1) degrees of freedom
 *
 * s² is the variance of ranks within blocks (divisor k − 1), k(k + 1)/12 where no ranks are tied. So a block may hold
 * means of several rankings, one a seed, which scatter less: under the null hypothesis, that a block's numbers belong to
 * the treatments in random order, s² is their variance whatever they are. Sources: Friedman, 1937; Iman and Davenport,
 * 1980; Demšar, 2006.
 *
 * @param blocks `blocks[block][treatment]`: ranks, or means of ranks, so that each block sums to k(k + 1)/2.
 * @returns `null` where every block ranks all treatments alike.
 * @throws {RangeError} for fewer than two blocks or two treatments, or blocks that are no rankings.
 *
 * @example Three judges of one mind
 * ```ts
 * import assert from "node:assert/strict";
 * import { friedman } from "#stats/friedman.ts";
 *
 * const { chiSquare, p, meanRanks } = friedman([[1, 2, 3], [1, 2, 3], [1, 3, 2]])!;
 * assert.equal(chiSquare.toFixed(3), "4.667");
 * assert.equal(p.toFixed(4), "0.0494");
 * assert.deepEqual(meanRanks.map((rank) => rank.toFixed(2)), ["1.00", "2.33", "2.67"]);
 * ```
 */
export function friedman(blocks: readonly (readonly number[])[]): Friedman | null {
  const [count, treatments] = [blocks.length, blocks[0]?.length ?? 0];
  checkBlocks(blocks, treatments);
  const middle = (treatments + 1) / 2;
  const spread = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + (each - middle) ** 2, 0);
  const variance = mean(blocks.map(spread)) / (treatments - 1);
  if (variance === 0) return null;
  const meanRanks = blocks[0]!.map((_, treatment) => mean(blocks.map((block) => block[treatment]!)));
  const chiSquare = count * spread(meanRanks) / variance;
  const rest = count * (treatments - 1) - chiSquare;
  // Rounding may leave a little where all blocks are the same.
  const f = rest > 1e-9 ? (count - 1) * chiSquare / rest : Infinity;
  const p = fisherTail(f, treatments - 1, (treatments - 1) * (count - 1));
  return { meanRanks, chiSquare, f, p, variance, blocks: count };
}

function checkBlocks(blocks: readonly (readonly number[])[], treatments: number): void {
  if (blocks.length < 2 || treatments < 2) {
    throw new RangeError(
      `Cannot compare ${treatments} treatments in ${blocks.length} blocks: at least 2 of each are needed`,
    );
  }
  const sum = treatments * (treatments + 1) / 2;
  const isRanking = (block: readonly number[]) =>
    block.length === treatments && Math.abs(block.reduce((all, rank) => all + rank, 0) - sum) < 1e-6 * sum;
  const wrong = blocks.findIndex((block) => !isRanking(block));
  if (wrong !== -1) {
    throw new RangeError(
      `Cannot use block ${wrong + 1}: the ranks of ${treatments} treatments add up to ${sum}`,
    );
  }
}

/** Two treatments differ whose mean ranks are at least this far apart: Nemenyi's q·√(s²/N), by the null variance of
 * ranks s² (k(k + 1)/12 without ties), which gives Demšar's (q/√2)·√(k(k + 1)/(6N)).
 *
 * The probability that any pair of treatments differs, where none does, is 1 − confidence (asymptotically in the blocks;
 * with few it is lower, see docs/evidence.md).
 *
 * @throws {RangeError} for fewer than two treatments or one block.
 *
 * @example Ten treatments in twelve blocks
 * ```ts
 * import assert from "node:assert/strict";
 * import { criticalDifference } from "#stats/friedman.ts";
 *
 * assert.equal(criticalDifference({ treatments: 10, blocks: 12 }).toFixed(3), "3.910");
 * ```
 */
export function criticalDifference(
  { treatments, blocks, variance = treatments * (treatments + 1) / 12 }: {
    readonly treatments: number;
    readonly blocks: number;
    readonly variance?: number;
  },
  confidence = 0.95,
): number {
  if (!(Number.isInteger(blocks) && blocks >= 1)) {
    throw new RangeError(`Cannot compare ranks over ${blocks} blocks: it must be a whole number >= 1`);
  }
  return studentizedRangeQuantile(confidence, treatments) * Math.sqrt(variance / blocks);
}

/**
 * Groups of treatments that are not separated: the longest stretches of the sorted mean ranks that are shorter than the
 * critical difference, of two treatments or more; none lies within another.
 *
 * @returns places in `meanRanks`, the best first.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { unseparated } from "#stats/friedman.ts";
 *
 * assert.deepEqual(unseparated([4, 1, 2.5], 2), [[1, 2], [2, 0]]);
 * ```
 */
export function unseparated(meanRanks: readonly number[], difference: number): number[][] {
  const sorted = meanRanks.map((_, index) => index).sort((a, b) => meanRanks[a]! - meanRanks[b]!);
  const groups: number[][] = [];
  let reached = 0;
  sorted.forEach((first, from) => {
    const until = sorted.findLastIndex((one) => meanRanks[one]! - meanRanks[first]! < difference) + 1;
    if (until > reached && until - from > 1) groups.push(sorted.slice(from, until));
    reached = Math.max(reached, until);
  });
  return groups;
}
