import type { TheoryAnswer } from "#theory/claim.ts";
import { counted } from "../../format/numbers.ts";

/** Count of claims by verdict, in one sentence. */
export function theoryHeadline(answers: readonly TheoryAnswer[]): string {
  const having = (verdict: TheoryAnswer["verdict"]) =>
    answers.filter((answer) => answer.verdict === verdict).length;
  const open = having("inconclusive");
  return `Of ${counted(answers.length, "claim")} about noise and learning rates, ${
    having("supported")
  } hold and ` +
    `${having("contradicted")} do not${open === 0 ? "" : `; ${open} ${open === 1 ? "is" : "are"} open`}`;
}
