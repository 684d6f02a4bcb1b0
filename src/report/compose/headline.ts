import type { Comparison, Summary } from "#results/summary.ts";
import { metricStyle } from "../format/metrics.ts";
import { compact, counted, fixed } from "../format/numbers.ts";

/** Metrics that a headline may be about, the best first. */
const PREFERRED = ["test_accuracy", "validation_accuracy"];

/**
 * The main finding in one sentence: the first comparison that the experiment lists on held-out data. It is the first,
 * not the most striking, so that nothing is selected after the fact.
 */
export function headline({ comparisons, arms }: Pick<Summary, "comparisons" | "arms">): string {
  const metric = PREFERRED.find((name) => comparisons.some((one) => one.metric === name));
  const candidates = comparisons.filter((one) => one.metric === (metric ?? comparisons[0]?.metric));
  const main = candidates.find(({ difference }) => difference !== null) ?? candidates[0];
  if (main) return sentence(main);
  const finished = arms.flatMap(({ runs }) => runs).filter(({ reason }) => reason === "budget").length;
  return `${counted(arms.length, "arm")}, ${counted(finished, "finished run")}, nothing to compare`;
}

function sentence({ arm, against, metric, difference, interval, seeds }: Comparison): string {
  const { name, differenceUnit, scale, decimals, words } = metricStyle(metric);
  const pair = `“${arm}” and “${against}”`;
  if (difference === null) return `No finished pair of runs compares ${pair} yet`;
  if (difference === 0) {
    return `“${arm}” and “${against}” do not differ in ${name} in ${counted(seeds, "seed")}`;
  }
  const size = told(Math.abs(scale * difference), decimals);
  const unit = size === "1" ? differenceUnit.replace(/s$/, "") : differenceUnit;
  const amount = `${size} ${unit}`.trim();
  const what = metric === "steps_to_target" ? `reaches the target ${amount}` : `ends ${amount} of ${name}`;
  const claim = `“${arm}” ${what} ${words[difference >= 0 ? 0 : 1]} “${against}”`;
  if (interval === null) return `${claim} in ${counted(seeds, "seed")}: too few to tell more`;
  const bounds = `[${fixed(scale * interval[0], decimals)}, ${fixed(scale * interval[1], decimals)}]`;
  const evidence = `${bounds}, ${counted(seeds, "seed")}`;
  if (interval[0] > 0 || interval[1] < 0) return `${claim} ${evidence}`;
  return `${counted(seeds, "seed")} do not tell ${pair} apart: a difference of ` +
    `${fixed(scale * difference, decimals)} ${differenceUnit} of ${name} ${bounds}`;
}

function told(value: number, decimals: number): string {
  return value >= 100 ? compact(value) : fixed(value, decimals);
}
