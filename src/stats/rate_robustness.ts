import { MOST_PAIRS, pairedShares } from "./paired_shares.ts";
import { shareDifference } from "./proportions.ts";
import { stratifiedMean } from "./stratified_mean.ts";

/** Runs of one family in a setting at its own rate and at another one, by seed; `null` for a run that failed. */
export interface RatePair {
  readonly chosen: readonly (number | null)[];
  readonly other: readonly (number | null)[];
  /** The score that a failed run counts as. */
  readonly guessing: number;
}

/** What another rate costs over settings. */
export interface RateLoss {
  /** Mean over settings of chosen minus other, failed runs as guessing. */
  readonly loss: number;
  /** For other seeds in these settings; `null` where a setting has one seed. */
  readonly interval: readonly [number, number] | null;
  /** Failed runs over all settings. */
  readonly failures: {
    readonly chosen: number;
    readonly other: number;
    readonly runs: number;
    /** Share of runs that fail, other minus chosen, with its exact interval. */
    readonly difference: number;
    readonly interval: readonly [number, number];
  };
}

/**
 * The loss by another rate than the chosen one, the same seeds at both. The interval of failures is that of paired shares
 * ({@link pairedShares}); settings fail unequally, which only lowers the scatter of their sum. Beyond
 * {@link MOST_PAIRS} runs it is Newcombe's.
 *
 * @param settings scores in a unit that settings share, higher is better.
 * @throws {RangeError} for no setting, or one whose rates differ in their number of seeds.
 *
 * @example One of two runs fails at the other rate
 * ```ts
 * import assert from "node:assert/strict";
 * import { rateLoss } from "#stats/rate_robustness.ts";
 *
 * const { loss, failures } = rateLoss([{ chosen: [1, 0.9], other: [0.9, null], guessing: 0 }]);
 * assert.equal(loss.toFixed(2), "0.50");
 * assert.deepEqual([failures.chosen, failures.other, failures.runs], [0, 1, 2]);
 * ```
 */
export function rateLoss(
  settings: readonly RatePair[],
  options: { readonly confidence?: number; readonly family?: number } = {},
): RateLoss {
  const wrong = settings.findIndex(({ chosen, other }) => chosen.length !== other.length);
  if (wrong !== -1) {
    throw new RangeError(`Cannot pair the rates of setting ${wrong + 1}: they differ in seeds`);
  }
  const { mean: loss, interval } = stratifiedMean(
    settings.map(({ chosen, other, guessing }) =>
      chosen.map((score, seed) => (score ?? guessing) - (other[seed] ?? guessing))
    ),
    options,
  );
  const pairs = settings.flatMap(({ chosen, other }) =>
    chosen.map((score, seed) => ({ atChosen: score === null, atOther: other[seed] === null }))
  );
  const count = (isWanted: (pair: (typeof pairs)[number]) => boolean) => pairs.filter(isWanted).length;
  const [failed, failedOther] = [count(({ atChosen }) => atChosen), count(({ atOther }) => atOther)];
  const confidence = 1 - (1 - (options.confidence ?? 0.95)) / (options.family ?? 1);
  const shares = pairs.length > MOST_PAIRS
    ? shareDifference([failedOther, pairs.length], [failed, pairs.length], confidence)
    : pairedShares({
      arm: count(({ atChosen, atOther }) => atOther && !atChosen),
      against: count(({ atChosen, atOther }) => atChosen && !atOther),
      seeds: pairs.length,
    }, confidence);
  return {
    loss,
    interval,
    failures: { chosen: failed, other: failedOther, runs: pairs.length, ...shares },
  };
}
