import type { Answer, Comparison, FailureComparison, Summary, Verdict } from "#results/summary.ts";
import type { PairedDifference } from "#stats/paired.ts";
import type { Expectation } from "#stats/verdict.ts";
import { type Failures, judge } from "./judgement.ts";

/** A claim about schedules as courses and guides make it, and the question of an exercise that tests it. */
export interface QuestionClaim {
  readonly claim: string;
  readonly exercise: number;
  /** Word for word. */
  readonly question: string;
  /** `opposite` where the exercise's hypothesis says the contrary of the claim. */
  readonly claims: "hypothesis" | "opposite";
}

/**
 * A claim that an arm of a spec tests against the spec's baseline: by its failures where they decide, else its test
 * accuracy, of images with masks its Dice.
 */
export interface ArmClaim {
  readonly claim: string;
  /** Name of the spec. */
  readonly spec: string;
  readonly arm: string;
  readonly expect: Expectation;
}

export type TestedClaim = QuestionClaim | ArmClaim;

/** A claim that no exercise can test, and why. */
export interface UntestedClaim {
  readonly claim: string;
  readonly because: string;
}

export type Claim = TestedClaim | UntestedClaim;

export interface ClaimRow {
  readonly claim: string;
  readonly verdict: Verdict["kind"];
  /** In `unit`, as the interval; `null` where nothing was measured. */
  readonly effect: number | null;
  readonly interval: readonly [number, number] | null;
  readonly unit: string;
  /** The arms whose difference the effect is: the first minus the second; `null` where the question says it otherwise. */
  readonly difference: readonly [arm: string, against: string] | null;
  /** Seeds of each arm; `null` where nothing was measured. */
  readonly seeds: number | null;
  /** The evidence that an open claim still needs; `null` for others. */
  readonly missing: string | null;
  /** The exercise and the number of its question, from 1: "5.3"; else the spec. */
  readonly source: string;
}

/** The record that a claim is judged by: the exercise's number, or the spec's name. */
export const recordOf = (claim: TestedClaim): string => "spec" in claim ? claim.spec : String(claim.exercise);

/**
 * The verdict on each tested claim, from the records of exercises and specs.
 *
 * @param summaries by the exercise's number or the spec's name.
 * @throws {RangeError} for a claim whose record, or whose question or arm, is not among the records.
 *
 * @example A claim that the hypothesis denies
 * ```ts
 * import assert from "node:assert/strict";
 * import { readClaim } from "#study/claims.ts";
 *
 * const verdict = { kind: "supported", effect: -1.2, interval: [-2.1, -0.3], runs: 32 } as const;
 * assert.equal(readClaim(verdict, "opposite"), "contradicted");
 * assert.equal(readClaim(verdict, "hypothesis"), "supported");
 * ```
 */
export function claimRows(
  claims: readonly TestedClaim[],
  summaries: ReadonlyMap<string, Summary>,
): ClaimRow[] {
  return claims.map((claim) => {
    const summary = summaries.get(recordOf(claim));
    if (summary === undefined) {
      const missing = "spec" in claim ? `spec “${claim.spec}”` : `exercise ${claim.exercise}`;
      throw new RangeError(`Cannot judge “${claim.claim}”: there is no record of ${missing}`);
    }
    return "spec" in claim ? byArm(claim, summary) : byQuestion(claim, summary);
  });
}

function byQuestion(
  { claim, exercise, question, claims }: QuestionClaim,
  { answers = [], arms }: Summary,
): ClaimRow {
  const index = answers.findIndex((answer) => answer.question === question);
  if (index < 0) {
    throw new RangeError(`Cannot judge “${claim}”: exercise ${exercise} does not ask “${question}”`);
  }
  const { verdict, unit, arms: [arm, against, ...more] = [] }: Answer = answers[index]!;
  const isPair = arm !== undefined && against !== undefined && arm !== against && more.length === 0;
  return {
    claim,
    ...figuresOf(verdict, unit),
    verdict: readClaim(verdict, claims),
    difference: isPair ? [arm, against] : null,
    seeds: verdict.kind === "inconclusive" ? seedsOf(arms, arm) : verdict.runs / 2,
    source: `${exercise}.${index + 1}`,
  };
}

function byArm({ claim, spec, arm, expect }: ArmClaim, { comparisons, failures = [] }: Summary): ClaimRow {
  const own = comparisons.filter((one) => one.arm === arm);
  // Only images with masks have a Dice.
  const measured = own.find(({ metric }) => metric === "test_dice") ??
    own.find(({ metric }) => metric === "test_accuracy");
  if (measured === undefined) {
    throw new RangeError(
      `Cannot judge “${claim}”: spec “${spec}” does not compare the test accuracy of “${arm}”`,
    );
  }
  const { against, margin, seeds } = measured;
  const failed = failures.find((one) => one.arm === arm && one.against === against);
  const verdict = judge({ measured: pairedOf(measured), failures: sharesOf(failed) }, expect, {
    unit: "points",
    scale: 100,
    better: "higher",
    failing: "fails",
    ...(margin !== undefined && { margin }),
  });
  return {
    claim,
    ...figuresOf(verdict, "points"),
    verdict: verdict.kind,
    difference: [arm, against],
    seeds,
    source: `${spec}: ${arm}`,
  };
}

/** Effect and interval of a verdict, in its unit, and what it would take where it is open. */
function figuresOf(
  verdict: Verdict,
  unit: string,
): Pick<ClaimRow, "effect" | "interval" | "unit" | "missing"> {
  const isByFailures = verdict.kind !== "inconclusive" && verdict.decided_by === "failures";
  return {
    effect: verdict.effect ?? null,
    interval: verdict.interval ?? null,
    unit: isByFailures ? "points of failed runs" : unit,
    missing: verdict.kind === "inconclusive" ? verdict.missing : null,
  };
}

const pairedOf = (
  { interval_uncorrected, spread = null, family = 1, ...measured }: Comparison,
): PairedDifference => ({
  ...measured,
  uncorrected: interval_uncorrected ?? null,
  spread,
  family,
  dropped: [],
});

/** A summary without failures is one of an earlier lab, or of runs of which none failed. */
const sharesOf = (found: FailureComparison | undefined): Failures =>
  found === undefined
    ? {
      arm: 0,
      against: 0,
      seeds: 0,
      difference: null,
      interval: null,
      family: 1,
      verdict: "not enough runs",
    }
    : { ...found, arm: found.failed, against: found.against_failed, family: found.family ?? 1 };

/** The verdict on a claim, from that on a hypothesis which says the same or the opposite. */
export function readClaim({ kind }: Verdict, claims: QuestionClaim["claims"]): Verdict["kind"] {
  if (claims === "hypothesis") return kind;
  if (kind === "supported") return "contradicted";
  return kind === "contradicted" ? "supported" : kind;
}

/** Seeds of an arm's runs; `null` where there is none. */
function seedsOf(arms: Summary["arms"], name: string | undefined): number | null {
  const runs = arms.find((arm) => arm.name === name)?.runs ?? [];
  return runs.length === 0 ? null : new Set(runs.map(({ seed }) => seed)).size;
}
