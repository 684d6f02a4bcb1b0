import type { TheoryAnswer } from "#theory/claim.ts";
import { counted } from "#lib/numbers.ts";

/** Count of claims by verdict, in one sentence. */
export function theoryHeadline(answers: readonly TheoryAnswer[]): string {
  const having = (verdict: TheoryAnswer["verdict"]) =>
    answers.filter((answer) => answer.verdict === verdict).length;
  const open = having("inconclusive");
  return `${counted(answers.length, "claim")} about noise and learning rates: ${
    having("supported")
  } supported, ${having("contradicted")} contradicted${open === 0 ? "" : `, ${open} open`}`;
}
