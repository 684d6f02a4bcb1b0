import { VERDICTS } from "../../format/text.ts";
import type { ReportAnswer, Strip } from "../../model.ts";

/** The verdicts at a glance, each leading to its answer in a section; nothing without questions. */
export function verdictStrip(answers: readonly ReportAnswer[], section: string | null): Strip[] {
  return answers.length === 0 ? [] : [{ kind: "strip", answers, section }];
}

/** `2 supported, 1 contradicted, 3 open`: counts of the verdicts that there are. */
export function verdictCounts(answers: readonly Pick<ReportAnswer, "verdict">[]): string {
  const counts = Object.entries(VERDICTS).map(([verdict, word]) =>
    [answers.filter((answer) => answer.verdict === verdict).length, word] as const
  );
  return counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`).join(", ");
}
