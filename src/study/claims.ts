import type { Answer, Summary, Verdict } from "#results/summary.ts";
import { decided, type Expectation } from "#stats/verdict.ts";

/** A claim about schedules as courses and guides make it, and the question of an exercise that tests it. */
export interface QuestionClaim {
  readonly claim: string;
  readonly exercise: number;
  /** Word for word. */
  readonly question: string;
  /** `opposite` where the exercise's hypothesis says the contrary of the claim. */
  readonly claims: "hypothesis" | "opposite";
}

/** A claim that an arm of a spec tests by its test accuracy against the spec's baseline. */
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
  /** Seeds of each arm; `null` where nothing was measured. */
  readonly seeds: number | null;
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
    return "spec" in claim ? byArm(claim, summary) : byQuestion(claim, summary.answers ?? []);
  });
}

function byQuestion(
  { claim, exercise, question, claims }: QuestionClaim,
  answers: readonly Answer[],
): ClaimRow {
  const index = answers.findIndex((answer) => answer.question === question);
  if (index < 0) {
    throw new RangeError(`Cannot judge “${claim}”: exercise ${exercise} does not ask “${question}”`);
  }
  const { verdict, unit } = answers[index]!;
  return {
    claim,
    verdict: readClaim(verdict, claims),
    effect: verdict.effect ?? null,
    interval: verdict.interval ?? null,
    unit: isByFailures(verdict) ? "points of failed runs" : unit,
    seeds: verdict.kind === "inconclusive" ? null : verdict.runs / 2,
    source: `${exercise}.${index + 1}`,
  };
}

function byArm({ claim, spec, arm, expect }: ArmClaim, { comparisons }: Summary): ClaimRow {
  const measured = comparisons.find((one) => one.arm === arm && one.metric === "test_accuracy");
  if (measured === undefined) {
    throw new RangeError(
      `Cannot judge “${claim}”: spec “${spec}” does not compare the test accuracy of “${arm}”`,
    );
  }
  const { difference, interval, margin, seeds } = measured;
  const points = (share: number) => 100 * share;
  return {
    claim,
    verdict: interval === null ? "inconclusive" : decided(interval, expect, margin) ?? "inconclusive",
    effect: difference === null ? null : points(difference),
    interval: interval === null ? null : [points(interval[0]), points(interval[1])],
    unit: "points",
    seeds,
    source: `${spec}: ${arm}`,
  };
}

/** The verdict on a claim, from that on a hypothesis which says the same or the opposite. */
export function readClaim({ kind }: Verdict, claims: QuestionClaim["claims"]): Verdict["kind"] {
  if (claims === "hypothesis") return kind;
  if (kind === "supported") return "contradicted";
  return kind === "contradicted" ? "supported" : kind;
}

const isByFailures = (verdict: Verdict): boolean =>
  verdict.kind !== "inconclusive" && verdict.decided_by === "failures";
