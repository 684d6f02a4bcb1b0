import type { Answer, Comparison, FailureComparison, Summary } from "#results/summary.ts";
import { capitalized, expectedWord } from "../format/text.ts";
import { metricStyle } from "../format/metrics.ts";
import { decidingFailures } from "../sections/comparisons/failures_table.ts";
import { decidedText, effectText } from "../sections/answers/answers.ts";
import { mainMetric } from "../sections/comparisons/difference_figures.ts";
import { compact, counted, fixed, interval, signed } from "#lib/numbers.ts";

/**
 * The main finding in one sentence: the answer to the first question, or else the first comparison on held-out data.
 * The first, not the most striking, so that nothing is selected after the fact.
 */
export function headline(
  { comparisons, arms, failures = [], answers = [] }:
    & Pick<Summary, "comparisons" | "arms" | "failures">
    & Partial<Pick<Summary, "answers">>,
): string {
  if (answers[0]) return answerSentence(answers[0]);
  const metric = mainMetric(comparisons);
  const candidates = comparisons.filter((one) => one.metric === metric);
  const [first] = candidates;
  const failing = first && decidingFailures(failures, first);
  if (failing) return failureSentence(failing);
  const main = candidates.find(({ difference }) => difference !== null) ?? first;
  if (main) return sentence(main);
  const finished = arms.flatMap(({ runs }) => runs).filter(({ reason }) => reason === "budget").length;
  return `${counted(arms.length, "arm")}, ${counted(finished, "finished run")}, nothing to compare`;
}

/** Such as `Is cosine better? Yes, as expected: +6.8 points [1.6, 12.0], 16 seeds`. */
function answerSentence({ question, hypothesis, verdict, unit }: Answer): string {
  const { effect, interval: bounds } = verdict;
  const word = expectedWord(hypothesis);
  const said = {
    supported: word === null ? "As expected" : `${capitalized(word)}, as expected`,
    contradicted: "Not as expected",
    equivalent: "No difference that matters",
    inconclusive: "Still open",
  }[verdict.kind];
  if (effect === undefined || bounds === undefined) return `${question} ${said}`;
  return verdict.kind === "inconclusive"
    ? `${question} ${said}: ${effectText(effect, bounds, unit)}`
    : `${question} ${said}: ${decidedText(verdict, unit)}, ${counted(verdict.runs, "run")}`;
}

function failureSentence(
  { arm, against, failed, against_failed, seeds, difference, interval: bounds }: FailureComparison,
): string {
  return `“${arm}” fails in ${failed} of ${counted(seeds, "run")}, “${against}” in ${against_failed}: ` +
    `${signed(difference === null ? null : 100 * difference, 0)} points ${interval(bounds, 0, 100)}`;
}

function sentence(
  { arm, against, metric, difference, interval: bounds, seeds, verdict }: Comparison,
): string {
  const { name, differenceUnit, scale, decimals, words } = metricStyle(metric);
  const pair = `“${arm}” and “${against}”`;
  if (difference === null) return `No finished pair of runs compares ${pair} yet`;
  const evidence = counted(seeds, "seed");
  if (difference === 0) return `No difference in ${name} between ${pair} in ${evidence}`;
  const text = interval(bounds, decimals, scale);
  if (bounds !== null && bounds[0] <= 0 && bounds[1] >= 0) {
    const size = verdict === "no difference that matters" ? verdict : "no detectable difference";
    return `${capitalized(size)} in ${name} between ${pair} in ${evidence}: ` +
      `${signed(scale * difference, decimals)} ${differenceUnit} ${text}`;
  }
  const size = sizeText(Math.abs(scale * difference), decimals);
  const amount = `${size} ${size === "1" ? differenceUnit.replace(/s$/, "") : differenceUnit}`.trim();
  const verb = metric === "steps_to_target" ? `reaches the target ${amount}` : `ends ${amount} of ${name}`;
  const claim = `“${arm}” ${verb} ${words[difference >= 0 ? 0 : 1]} “${against}”`;
  return bounds === null
    ? `${claim} in ${evidence}: too few for an interval`
    : `${claim} ${text}, ${evidence}`;
}

function sizeText(value: number, decimals: number): string {
  return value >= 100 ? compact(value) : fixed(value, decimals);
}
