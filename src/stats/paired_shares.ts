import { checkConfidence } from "./confidence.ts";
import { largestChance, smallestPossible } from "./exact_limits.ts";

/** Counts of something that happens to two arms, over the seeds that both were run with. */
export interface PairedCounts {
  /** Seeds with which it happened to the arm alone. */
  readonly arm: number;
  /** Seeds with which it happened to the other alone. */
  readonly against: number;
  /** All pairs. */
  readonly seeds: number;
}

/** More pairs would take too long, and no experiment here has them. */
export const MOST_PAIRS = 128;

/**
 * Exact interval for the difference of two paired shares, arm minus against.
 *
 * The two numbers of discordant pairs (x, y) are trinomial with probabilities p and q, and the difference of the shares
 * is δ = p − q. Outcomes are put in order by an approximate lower limit (Wald's with half a count added to each cell of
 * the table, Agresti and Min, 2005)
 *
 *     A(x, y) = (x − y − 1.96·√(x + y + 1 − (x − y)²/(n + 2))) / (n + 2),
 *
 * and the lower limit is the smallest δ at which outcomes that rank as high have a probability above α/2 for some
 * share ψ = p + q of discordant pairs (Buehler, 1957; Kabaila and Lloyd, 1997: of all limits in that order the
 * tightest). A rises with x and falls with y, so that probability rises with δ, and the limit is found by bisection.
 * The upper limit is that of the arms exchanged.
 *
 * One thing is assumed of pairs: a seed with which one arm fails is not less likely to fail with the other. Then
 * ψ <= (1 + δ²)/2, with equality for independent runs. Without it 8 of 8 against 0 of 8 might be two arms of which
 * always just one fails, chosen by a coin. For every p and q within that the interval holds δ with a probability of at
 * least 1 − α (`tests/stats/paired_shares_test.ts` adds all outcomes up).
 *
 * @throws {RangeError} for counts that are not whole or exceed the pairs, more than {@link MOST_PAIRS} or no pairs, or
 * a confidence outside (0, 1).
 *
 * @example 8 of 8 runs fail without a warmup, none of the same seeds with one
 * ```ts
 * import assert from "node:assert/strict";
 * import { pairedShares } from "#stats/paired_shares.ts";
 *
 * const { difference, interval: [low, high] } = pairedShares({ arm: 0, against: 8, seeds: 8 });
 * assert.equal(difference, -1);
 * assert.equal(low, -1);
 * assert.equal(high.toFixed(2), "-0.59");
 * ```
 */
export function pairedShares(
  { arm, against, seeds }: PairedCounts,
  confidence = 0.95,
): { readonly difference: number; readonly interval: readonly [number, number] } {
  if (![arm, against, seeds].every((count) => Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`Cannot compare shares of ${arm}, ${against} and ${seeds}: counts are whole`);
  }
  if (seeds < 1 || seeds > MOST_PAIRS || arm + against > seeds) {
    throw new RangeError(
      `Cannot compare ${arm} and ${against} of ${seeds} pairs: 1 to ${MOST_PAIRS} pairs, and no more among them`,
    );
  }
  checkConfidence(confidence);
  const error = (1 - confidence) / 2;
  return {
    difference: (arm - against) / seeds,
    interval: [lowerLimit(arm, against, seeds, error), -lowerLimit(against, arm, seeds, error)],
  };
}

function lowerLimit(x: number, y: number, pairs: number, error: number): number {
  // Nothing ranks below this outcome, so nothing is ruled out.
  if (x === 0 && y === pairs) return -1;
  const rest = 1e-12;
  const observed = rank(x, y, pairs) - rest;
  const ranked = outcomes(pairs).filter((outcome) => rank(outcome.x, outcome.y, pairs) >= observed);
  return smallestPossible((difference) => {
    const chance = (discordant: number) =>
      chanceOf(ranked, pairs, (discordant + difference) / 2, (discordant - difference) / 2);
    // The share ψ of discordant pairs.
    return largestChance([Math.abs(difference), (1 + difference ** 2) / 2], chance, error) > error;
  });
}

function rank(x: number, y: number, pairs: number): number {
  return x - y - 1.96 * Math.sqrt(x + y + 1 - (x - y) ** 2 / (pairs + 2));
}

interface Outcome {
  readonly x: number;
  readonly y: number;
  /** Ways to choose these pairs: n!/(x!·y!·(n − x − y)!). */
  readonly ways: number;
}

function outcomes(pairs: number): Outcome[] {
  const factorial = [1];
  for (let n = 1; n <= pairs; n++) factorial.push(factorial[n - 1]! * n);
  const found: Outcome[] = [];
  for (let x = 0; x <= pairs; x++) {
    for (let y = 0; x + y <= pairs; y++) {
      found.push({
        x,
        y,
        ways: factorial[pairs]! / factorial[x]! / factorial[y]! / factorial[pairs - x - y]!,
      });
    }
  }
  return found;
}

function chanceOf(ranked: readonly Outcome[], pairs: number, p: number, q: number): number {
  const powers = (base: number) => {
    const found = new Float64Array(pairs + 1);
    found[0] = 1;
    for (let k = 1; k <= pairs; k++) found[k] = found[k - 1]! * base;
    return found;
  };
  const [ofP, ofQ, ofRest] = [p, q, 1 - p - q].map((base) => powers(Math.max(0, base)));
  let sum = 0;
  for (const { x, y, ways } of ranked) sum += ways * ofP![x]! * ofQ![y]! * ofRest![pairs - x - y]!;
  return sum;
}
