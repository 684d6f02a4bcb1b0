import { figuresOf } from "#results/metrics.ts";
import type { ArmSummary, Comparison } from "#results/summary.ts";
import { mean } from "#stats/summary.ts";
import type { SeedValue } from "../../charts/interval_range.ts";

/**
 * The difference of each seed, arm minus against, in the metric's raw unit: what a paired comparison is the mean of.
 * None for a metric that single runs do not have, such as an ensemble's. Failed runs are left out where the comparison
 * left them out.
 */
export function seedDifferences(
  { arm, against, metric, failed_pairs }: Comparison,
  arms: readonly ArmSummary[],
): SeedValue[] {
  const valuesOf = (name: string) => {
    const runs = arms.find((one) => one.name === name)?.runs ?? [];
    return valuesBySeed(runs, metric, failed_pairs !== undefined);
  };
  const [values, others] = [valuesOf(arm), valuesOf(against)];
  return [...values].flatMap(([seed, value]) => {
    const other = others.get(seed);
    return other === undefined ? [] : [{ seed, value: value - other }];
  });
}

/** The mean over the members of each seed; none for a seed of which a run has no value, or failed. */
function valuesBySeed(runs: ArmSummary["runs"], metric: string, withoutFailed: boolean): Map<number, number> {
  const seeds = Map.groupBy(runs, ({ seed, member }) => member?.of ?? seed);
  return new Map([...seeds].flatMap(([seed, members]): [number, number][] => {
    const values = members.map((run) =>
      withoutFailed && (run.diverged || run.failed) ? null : figuresOf(run)[metric] ?? null
    );
    return values.every((value) => value !== null) ? [[seed, mean(values)]] : [];
  }));
}
