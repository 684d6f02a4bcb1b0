import { bootstrapInterval } from "#stats/bootstrap.ts";
import { pairedDifference } from "#stats/paired.ts";
import { finiteOf, mean } from "#stats/summary.ts";
import { finalEval } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";
import { endOf } from "#results/run.ts";
import { type Candidate, whyTried } from "./plan.ts";
import type { CandidateResult, RateValidation } from "#results/lr_range.ts";

/**
 * The verdict of the short runs on the chosen rate. Every other candidate is compared with it by validation accuracy, paired over
 * seeds, the intervals widened for their number. The choice is supported where both neighbours are worse, contradicted
 * where any candidate is better or the chosen rate itself diverged, and else inconclusive.
 *
 * @param images validation images, for the smallest difference that can be seen.
 */
export function validate(
  candidates: readonly Candidate[],
  records: readonly RunRecord[],
  { steps, images }: { steps: number; images: number },
): RateValidation {
  const measured = candidates.map((candidate) => ({
    ...candidate,
    runs: records.filter(({ plan }) => plan.schedule["lr"] === candidate.lr).map(runOf),
  }));
  const chosen = measured.find(({ factor }) => factor === 1)!;
  const results = measured.map((candidate): CandidateResult => {
    const accuracies = finiteOf(candidate.runs.map(({ accuracy }) => accuracy));
    return {
      ...candidate,
      accuracy: accuracies.length === 0 ? null : mean(accuracies),
      interval: withinShare(bootstrapInterval(accuracies)),
      difference: candidate === chosen ? null : differenceOf(candidate.runs, chosen.runs, {
        resolution: 1 / images,
        largest: 1,
        family: candidates.length - 1,
      }),
    };
  });
  return {
    steps,
    seeds: [...new Set(records.map(({ plan }) => plan.seed))],
    candidates: results,
    ...verdictOf(results),
  };
}

/** No accuracy lies outside 0 … 1, wherever a few scattered seeds would put the ends. */
function withinShare(bounds: readonly [number, number] | null): readonly [number, number] | null {
  return bounds && [Math.max(0, bounds[0]), Math.min(1, bounds[1])];
}

type Runs = CandidateResult["runs"];

function runOf(record: RunRecord): Runs[number] {
  const held = finalEval(record, "validation");
  const diverged = endOf(record)?.reason === "diverged";
  return {
    seed: record.plan.seed,
    accuracy: diverged ? null : held?.accuracy ?? null,
    loss: diverged ? null : held?.loss ?? null,
    diverged,
  };
}

function differenceOf(
  runs: Runs,
  against: Runs,
  options: { resolution: number; largest: number; family: number },
): CandidateResult["difference"] {
  const bySeed = (of: Runs) => new Map(of.map(({ seed, accuracy }) => [seed, accuracy]));
  const { difference, interval, seeds, verdict } = pairedDifference(bySeed(runs), bySeed(against), options);
  return { difference, interval, seeds, verdict };
}

function verdictOf(
  results: readonly CandidateResult[],
): Pick<RateValidation, "verdict" | "text" | "recommended"> {
  const chosen = results.find(({ factor }) => factor === 1)!;
  const points = (share: number) => `${(100 * Math.abs(share)).toFixed(1)} points`;
  const lost = chosen.runs.filter(({ diverged }) => diverged).length;
  if (lost > 0) {
    return {
      verdict: {
        kind: "inconclusive",
        missing: `a rate that trains: ${lost} of ${chosen.runs.length} runs diverged`,
      },
      text:
        `Training at ${chosen.lr} diverged with ${lost} of ${chosen.runs.length} seeds. Take a smaller rate.`,
      recommended: null,
    };
  }
  const best = results.filter(({ difference }) => difference?.verdict === "higher")
    .sort((a, b) => b.difference!.difference! - a.difference!.difference!)[0];
  if (best) {
    const { difference, interval, seeds } = best.difference!;
    return {
      verdict: { kind: "contradicted", effect: 100 * difference!, interval: percent(interval!), runs: seeds },
      text: `A rate of ${best.lr} (${whyTried(best)}) reaches ${points(difference!)} more validation ` +
        `accuracy than ${chosen.lr}: take that one.`,
      recommended: best.lr,
    };
  }
  const neighbours = results.filter(({ factor }) => factor !== null && factor !== 1);
  if (!neighbours.every(isWorse)) {
    const alike = results.filter((one) => one !== chosen && !isWorse(one)).map(({ lr }) => lr).join(", ");
    return {
      verdict: { kind: "inconclusive", missing: `a detectable difference to ${alike}` },
      text:
        `No rate that was tried is detectably better than ${chosen.lr}; ${alike} is not detectably different with these ` +
        `seeds and so few steps.${highest(results, chosen)}`,
      recommended: chosen.lr,
    };
  }
  const text =
    `A third of ${chosen.lr} and three times it both do worse, and no other rate that was tried is better.`;
  const nearest = neighbours.flatMap(({ difference }) => difference?.interval ? difference : [])
    .sort((a, b) => b.difference! - a.difference!)[0];
  return {
    verdict: nearest
      ? {
        kind: "supported",
        effect: -100 * nearest.difference!,
        interval: [-100 * nearest.interval![1], -100 * nearest.interval![0]],
        runs: nearest.seeds,
      }
      : { kind: "inconclusive", missing: "a neighbour that does not diverge" },
    text,
    recommended: chosen.lr,
  };
}

/** `The highest mean is that of 0.02 (82.7 %, against 56.0 %).` Empty where it is the chosen rate's own. */
function highest(results: readonly CandidateResult[], chosen: CandidateResult): string {
  const best = results.reduce((leader, one) => (one.accuracy ?? -1) > (leader.accuracy ?? -1) ? one : leader);
  if (best === chosen || best.accuracy === null || chosen.accuracy === null) return "";
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return ` The highest mean is that of ${best.lr} (${percent(best.accuracy)}, against ${
    percent(chosen.accuracy)
  }); ` +
    "more seeds would show whether it is better.";
}

/** Detectably lower, or diverged with every seed. */
function isWorse({ difference, runs }: CandidateResult): boolean {
  return difference?.verdict === "lower" || (runs.length > 0 && runs.every(({ diverged }) => diverged));
}

const percent = ([low, high]: readonly [number, number]) => [100 * low, 100 * high] as const;
