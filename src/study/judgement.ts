import type { PairedDifference } from "#stats/paired.ts";
import { type Expectation, type TestVerdict, verdictOf, type VerdictOptions } from "#stats/verdict.ts";
import type { Verdict } from "#results/summary.ts";
import type { ShareDifference } from "./experiment/looks.ts";

/** Failures of two arms; of runs that are not paired each arm has its own count of runs. */
export interface Failures extends ShareDifference {
  /** Runs of the other arm; those of the arm itself, `seeds`, if not given. */
  readonly againstSeeds?: number;
}

/** Two arms in a metric: the difference where neither failed, and how often each failed. */
export interface Compared {
  readonly measured: PairedDifference;
  readonly failures: Failures;
}

export interface JudgementOptions extends VerdictOptions {
  readonly better: "higher" | "lower";
  /** Words for a run that counts as failed: `fails`, `does not reach the target`. */
  readonly failing: string;
}

type Side = "higher" | "lower";

/**
 * The verdict on a hypothesis about a figure that a failed run does not have, or has by chance alone. The rule was fixed
 * before any run:
 *
 * 1. Where the exact interval of the shares of failed runs excludes zero, failures decide: the arm that fails more often
 *    has the worse figure, whatever its other runs reach. They support no size (`by`, `within`).
 * 2. Else the runs decide that did not fail, but never in favour of an arm that failed more often, and never for "no
 *    difference" where one did: then the question stays open.
 * 3. Where the two say opposite things it stays open too.
 */
export function judge(
  { measured, failures }: Compared,
  expected: Expectation,
  options: JudgementOptions,
): Verdict {
  const { better } = options;
  const worse: Side = better === "higher" ? "lower" : "higher";
  const byFailures: Side | null = failures.verdict === "higher"
    ? worse
    : failures.verdict === "lower"
    ? better
    : null;
  const survivors = verdictOf(measured, expected, options);
  const side = sideOf(measured.interval);
  if (byFailures !== null && side !== opposite(byFailures)) {
    return decidedByFailures(failures, expected, byFailures);
  }
  const excess = excessOf(failures);
  if (byFailures === null && (excess === 0 || survivors.kind === "inconclusive")) {
    return withFailures(survivors, failures, options);
  }
  const failingSide = excess > 0 ? worse : better;
  if (byFailures === null && claimOf(survivors, expected, side) === failingSide) return survivors;
  return openFor(
    survivors,
    `${countsText(failures, options.failing)}, which ${
      byFailures === null ? "may be chance" : "is no chance"
    }, while of the others ${side === null ? "no difference shows" : `the figure is ${side}`}`,
  );
}

/** `fails in 3 of 12 runs against 0 of 12`. */
export function countsText(
  { arm, against, seeds, againstSeeds = seeds }: Failures,
  failing: string,
): string {
  return `${failing} in ${arm} of ${seeds} runs against ${against} of ${againstSeeds}`;
}

/** Above zero where the arm fails more often than the other. */
function excessOf({ arm, against, seeds, againstSeeds = seeds }: Failures): number {
  return arm * againstSeeds - against * seeds;
}

function decidedByFailures(
  { difference, interval, seeds, againstSeeds = seeds }: Failures,
  expected: Expectation,
  side: Side,
): Verdict {
  const figures = {
    effect: 100 * difference!,
    interval: [100 * interval![0], 100 * interval![1]] as const,
    runs: seeds + againstSeeds,
    decided_by: "failures" as const,
  };
  if (expected.kind !== side) return { kind: "contradicted", ...figures };
  if (!expected.by) return { kind: "supported", ...figures };
  const { effect, interval: shown } = figures;
  return {
    kind: "inconclusive",
    missing: "runs that do not fail, to measure the size",
    effect,
    interval: shown,
  };
}

/** The claim of a verdict by figures about the arm: better or worse than the other, or the same; `null` for none of these. */
function claimOf({ kind }: TestVerdict, expected: Expectation, side: Side | null): Side | "same" | null {
  if (kind === "equivalent") return "same";
  if (expected.kind === "within") return kind === "supported" ? "same" : side;
  return kind === "supported" ? expected.kind : opposite(expected.kind);
}

function withFailures(
  verdict: TestVerdict,
  failures: Failures,
  { failing }: JudgementOptions,
): Verdict {
  if (verdict.kind !== "inconclusive" || failures.arm + failures.against === 0) return verdict;
  return { ...verdict, missing: `${verdict.missing}; ${countsText(failures, failing)}` };
}

function openFor(verdict: TestVerdict, missing: string): Verdict {
  const { effect, interval, margin } = verdict;
  return {
    kind: "inconclusive",
    missing,
    ...(effect !== undefined && interval && { effect, interval }),
    ...(margin !== undefined && { margin }),
  };
}

function sideOf(interval: readonly [number, number] | null): Side | null {
  if (interval === null) return null;
  return interval[0] > 0 ? "higher" : interval[1] < 0 ? "lower" : null;
}

const opposite = (side: Side): Side => side === "higher" ? "lower" : "higher";
