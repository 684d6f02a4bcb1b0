import type { Spec } from "#spec/schema.ts";
import type { Evidence } from "./experiment/evidence.ts";
import type { Answer, Verdict } from "#results/summary.ts";

/** An exercise: a spec with profiles, and questions that were written before the runs. */
export interface Exercise {
  readonly number: number;
  readonly title: string;
  /** Subject and expectations of the exercise, for the head of the report. */
  readonly introduction: string;
  /** YAML. */
  readonly spec: string;
  readonly questions: readonly Question[];
}

/** A question and its hypothesis, written before the runs. */
export interface Asked {
  readonly question: string;
  readonly hypothesis: string;
}

export interface Question extends Asked {
  /** Unit of the verdict's effect and interval: `points`, `steps`. */
  readonly unit: string;
  /** Refuses a spec that lacks what is asked about. @throws {RangeError} */
  readonly check?: (spec: Spec) => void;
  answer(evidence: Evidence): { verdict: Verdict; text: string };
}

/** Refuses questions that a spec cannot answer, before anything runs. @throws {RangeError} */
export function checkQuestions(questions: readonly Question[], spec: Spec): void {
  questions.forEach(({ check }) => check?.(spec));
}

export function answersTo(questions: readonly Question[], evidence: Evidence): Answer[] {
  return questions.map(({ question, hypothesis, unit, answer }) => ({
    question,
    hypothesis,
    unit,
    ...answer(evidence),
  }));
}
