import type { CandidateResult, RateValidation } from "#results/lr_range.ts";
import type { ScoreName } from "#results/score.ts";

type Found = Pick<RateValidation, "recommended" | "bracketed" | "between" | "fails_from">;
type Verdict = RateValidation["verdict"];

/** True for a run that diverged or learnt nothing. */
export const isFailed = ({ failed, diverged }: CandidateResult["runs"][number]) => failed ?? diverged;

/** `2 of 3` runs failed. */
const failures = ({ runs }: CandidateResult) => `${runs.filter(isFailed).length} of ${runs.length}`;

/**
 * The verdict on the rate that was read off the ramps: supported where it is the best one and rates on both sides are
 * detectably worse, contradicted where it is detectably worse than the best one, and else inconclusive.
 *
 * @param best the candidate with the highest mean accuracy of those without failed runs; `null` where there is none.
 */
export function verdictOnChosen(
  results: readonly CandidateResult[],
  best: CandidateResult | null,
  { between }: Found,
): Verdict {
  if (best === null) return { kind: "inconclusive", missing: "a rate at which no run fails" };
  const chosen = results.find(({ factor }) => factor === 1);
  if (chosen === undefined) return { kind: "inconclusive", missing: "short runs at the suggested rate" };
  if (chosen === best) return verdictOnBest(results, between ?? [null, null]);
  if (chosen.runs.some(isFailed)) {
    return {
      kind: "inconclusive",
      missing: `runs at ${chosen.lr} that do not fail: ${failures(chosen)} failed`,
    };
  }
  const { difference = null, interval = null, seeds = 0, verdict } = chosen.difference ?? {};
  return verdict === "lower" && difference !== null && interval !== null
    ? {
      kind: "contradicted",
      effect: 100 * difference,
      interval: [100 * interval[0], 100 * interval[1]],
      runs: seeds,
    }
    : { kind: "inconclusive", missing: `a detectable difference between ${chosen.lr} and ${best.lr}` };
}

/** The effect is its lead over the nearest detectably worse rates, the smaller one. */
function verdictOnBest(
  results: readonly CandidateResult[],
  [low, high]: readonly [number | null, number | null],
): Verdict {
  if (low === null || high === null) {
    const sides = [...low === null ? ["lower"] : [], ...high === null ? ["higher"] : []].join(" and a ");
    return { kind: "inconclusive", missing: `a ${sides} rate that is detectably worse` };
  }
  const nearest = results.filter(({ lr }) => lr === low || lr === high)
    .flatMap(({ difference }) => difference?.interval ? difference : [])
    .sort((a, b) => b.difference! - a.difference!)[0];
  return nearest
    ? {
      kind: "supported",
      effect: -100 * nearest.difference!,
      interval: [-100 * nearest.interval![1], -100 * nearest.interval![0]],
      runs: nearest.seeds,
    }
    : { kind: "inconclusive", missing: "a worse rate at which runs do not fail" };
}

/** The finding of the short runs in a few sentences. */
export function findingText(
  results: readonly CandidateResult[],
  best: CandidateResult | null,
  { recommended, bracketed, between, fails_from }: Found,
  score: ScoreName = "accuracy",
): string {
  if (best === null) return failureText(results);
  const percent = ({ accuracy }: CandidateResult) => `${(100 * accuracy!).toFixed(1)} %`;
  const taken = results.find(({ lr }) => lr === recommended)!;
  const highest =
    `Of ${results.length} rates ${best.lr} reached the highest mean validation ${score} without a failed run: ` +
    `${percent(best)}.`;
  const smaller = taken === best
    ? ""
    : ` ${taken.lr} is the smallest rate within one standard error of it (${
      percent(taken)
    }) and is recommended.`;
  const edge = bracketed ? "" : " The rates tried end there: one beyond may do better.";
  const fails = results.find(({ lr }) => lr === fails_from);
  const failing = fails ? ` Runs begin to fail at ${fails.lr} (${failures(fails)}).` : "";
  return `${highest}${smaller}${edge}${placeText(between ?? [null, null])}${failing}`;
}

function failureText(results: readonly CandidateResult[]): string {
  const failed = (one: CandidateResult) => one.runs.filter(isFailed).length;
  const least = results.reduce((leader, one) => failed(one) < failed(leader) ? one : leader);
  const fewest = failed(least) < least.runs.length
    ? `the fewest at ${least.lr}: ${failures(least)}`
    : "all of them; longer ones (--check-steps) may show what so short ones cannot";
  return `Runs diverged or ended hardly better than guessing at every rate that was tried, ${fewest}.`;
}

function placeText([low, high]: readonly [number | null, number | null]): string {
  const worse = [low, high].filter((rate) => rate !== null);
  if (worse.length === 2) return ` Detectably worse, or failing, are rates up to ${low} and from ${high} on.`;
  if (low !== null) return ` Detectably worse, or failing, are rates up to ${low}; no higher one is.`;
  if (high !== null) return ` Detectably worse, or failing, are rates from ${high} on; no lower one is.`;
  return " No other rate is detectably worse with these seeds.";
}
