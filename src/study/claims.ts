import type { Answer, Summary, Verdict } from "#results/summary.ts";

/** A claim about schedules as courses and guides make it, and the question of an exercise that tests it. */
export interface TestedClaim {
  readonly claim: string;
  readonly exercise: number;
  /** Word for word. */
  readonly question: string;
  /** `opposite` where the exercise's hypothesis says the contrary of the claim. */
  readonly claims: "hypothesis" | "opposite";
}

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
  /** The exercise and the number of its question, from 1. */
  readonly exercise: number;
  readonly number: number;
}

/**
 * The verdict on each tested claim, from the records of the exercises.
 *
 * @param summaries by the exercise's number.
 * @throws {RangeError} for a claim whose exercise, or whose question, is not among the records.
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
  summaries: ReadonlyMap<number, Summary>,
): ClaimRow[] {
  return claims.map(({ claim, exercise, question, claims }) => {
    const answers: readonly Answer[] | undefined = summaries.get(exercise)?.answers;
    if (answers === undefined) {
      throw new RangeError(`Cannot judge “${claim}”: there is no record of exercise ${exercise}`);
    }
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
      exercise,
      number: index + 1,
    };
  });
}

/** The verdict on a claim, from that on a hypothesis which says the same or the opposite. */
export function readClaim({ kind }: Verdict, claims: TestedClaim["claims"]): Verdict["kind"] {
  if (claims === "hypothesis") return kind;
  if (kind === "supported") return "contradicted";
  return kind === "contradicted" ? "supported" : kind;
}

const isByFailures = (verdict: Verdict): boolean =>
  verdict.kind !== "inconclusive" && verdict.decided_by === "failures";
