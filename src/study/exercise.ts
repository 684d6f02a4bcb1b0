import type { Metric } from "#results/metrics.ts";
import type { Spec } from "#spec/schema.ts";
import type { CellChoice } from "#spec/sweep/choice.ts";
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

/** The runs that a question is answered from. */
export interface Needs {
  readonly arms: readonly string[];
  /** Cells of the sweep; none if not given. */
  readonly cells?: readonly CellChoice[];
  /** True where it is answered from the runs of the arms at each rate, of which there may be fewer seeds. */
  readonly budgets?: true;
}

export interface Question extends Asked {
  /** Unit of the verdict's effect and interval: `points`, `steps`. */
  readonly unit: string;
  readonly needs: Needs;
  /** The metric that it asks about; absent where it is none. */
  readonly metric?: Metric;
  /** Refuses a spec that lacks what is asked about. @throws {RangeError} */
  readonly check?: (spec: Spec) => void;
  answer(evidence: Evidence): { verdict: Verdict; text: string };
}

/** True for a verdict that further seeds may decide. */
export function isOpen({ kind }: Verdict): boolean {
  return kind === "inconclusive";
}

/** Refuses questions that a spec cannot answer, before anything runs. @throws {RangeError} */
export function checkQuestions(questions: readonly Question[], spec: Spec): void {
  questions.forEach(({ check }) => check?.(spec));
}

export function answersTo(questions: readonly Question[], evidence: Evidence): Answer[] {
  return questions.map(({ question, hypothesis, unit, needs, metric, answer }) => {
    const { verdict, text } = answer(evidence);
    const isByFailures = verdict.kind !== "inconclusive" && verdict.decided_by === "failures";
    return {
      question,
      hypothesis,
      unit: isByFailures ? "points" : unit,
      verdict,
      text,
      ...(needs.arms.length > 0 && { arms: [...needs.arms] }),
      ...(metric !== undefined && { metric }),
    };
  });
}
