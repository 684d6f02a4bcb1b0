import type { Study, StudySettings } from "./study.ts";

/** Exercise 0: what is simulated, and claims about it that were written before. */
export interface TheoryExercise {
  readonly number: 0;
  readonly title: string;
  readonly introduction: string;
  readonly settings: StudySettings;
  readonly claims: readonly Claim[];
}

export interface Asked {
  readonly question: string;
  /** The expectation, or a claim of the literature; written before the simulation. */
  readonly hypothesis: string;
}

export interface Claim extends Asked {
  judge(study: Study): Judged;
}

export interface Judged {
  readonly verdict: "supported" | "contradicted" | "inconclusive";
  /** The measured figure that the verdict rests on, with its interval; `null` where it is exact. */
  readonly effect: number;
  readonly interval: readonly [number, number] | null;
  /** The figure in words, with its unit and where it should lie. */
  readonly finding: string;
  /** One to three sentences with more figures. */
  readonly text: string;
}

export interface TheoryAnswer extends Asked, Judged {}

export function judgeAll(claims: readonly Claim[], study: Study): TheoryAnswer[] {
  return claims.map(({ question, hypothesis, judge }) => ({ question, hypothesis, ...judge(study) }));
}

/** Supported where the whole interval lies within the range, contradicted where none of it does. */
export function verdictWithin(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
): Judged["verdict"] {
  return low >= from && high <= to ? "supported" : high < from || low > to ? "contradicted" : "inconclusive";
}
