import { pairedDifference } from "#stats/paired.ts";
import { mean, sampleSd } from "#stats/summary.ts";
import type { BudgetSummary } from "#results/summary.ts";
import type { ArmBudgets, RateRuns } from "./budgets.ts";
import type { Evidence } from "./evidence.ts";
import type { BySeed } from "./looks.ts";

/** The results of each arm by tuning budget; empty where the spec does not ask. */
export function budgetSummaries(evidence: Evidence): BudgetSummary[] {
  const margin = evidence.margin("test_accuracy") ?? 0;
  return evidence.spec.arms.flatMap(({ name }) => {
    const budgets = evidence.budgets(name);
    return budgets === null ? [] : [summaryOf(name, budgets, margin)];
  });
}

function summaryOf(arm: string, budgets: ArmBudgets, margin: number): BudgetSummary {
  const { rates, chosen } = budgets;
  return {
    arm,
    chosen,
    rates: rates.map(({ value, reached, failed }) => ({
      value,
      ...figureOf(reached),
      sd: reached.size < 2 ? null : sampleSd([...reached.values()]),
      runs: reached.size,
      failed,
    })),
    expected: rates.map((_, index) => ({ rates: index + 1, ...figureOf(budgets.expected(index + 1)) })),
    lost_beside_chosen: figureOf(budgets.lostBesideChosen()),
    near_best: nearBest(rates, margin),
  };
}

/** The mean over seeds with its own 95 % interval. */
function figureOf(values: BySeed): Pick<BudgetSummary["expected"][number], "accuracy" | "interval"> {
  const zero = new Map([...values.keys()].map((seed) => [seed, 0]));
  const { difference, interval } = pairedDifference(values, zero);
  return { accuracy: difference, interval };
}

/** The neighbouring rates around the best one whose mean is at most the margin below its. */
function nearBest(rates: readonly RateRuns[], margin: number): BudgetSummary["near_best"] {
  const means = rates.map(({ reached }) => reached.size === 0 ? -Infinity : mean([...reached.values()]));
  const best = Math.max(...means);
  if (!Number.isFinite(best)) return null;
  const at = means.indexOf(best);
  const isNear = (index: number) => means[index] !== undefined && means[index] >= best - margin;
  let [low, high] = [at, at];
  while (isNear(low - 1)) low--;
  while (isNear(high + 1)) high++;
  return { from: rates[low]!.value, to: rates[high]!.value, margin };
}
