import type { TheoryAnswer } from "#theory/claim.ts";
import { counted } from "../../format/numbers.ts";

/** What became of the claims, in one sentence. */
export function theoryHeadline(answers: readonly TheoryAnswer[]): string {
  const having = (verdict: TheoryAnswer["verdict"]) =>
    answers.filter((answer) => answer.verdict === verdict).length;
  const open = having("inconclusive");
  return `Of ${counted(answers.length, "claim")} about noise and rates ${having("supported")} hold and ` +
    `${having("contradicted")} do not${open === 0 ? "" : `; ${open} stay open`}`;
}
