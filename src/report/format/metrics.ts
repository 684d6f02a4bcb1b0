import { metricEntry, metricName } from "#results/metrics.ts";

/** The look of a metric of a comparison. */
export interface MetricStyle {
  readonly name: string;
  /** Unit of a difference; empty for none. */
  readonly differenceUnit: string;
  /** Factor from a raw value to the one shown. */
  readonly scale: number;
  readonly decimals: number;
  /** Words for a difference above and below zero, as in "3.1 points above". */
  readonly words: readonly [above: string, below: string];
}

/**
 * The style of a metric, also of one of named weights (`test_accuracy:ema`); one that the table of metrics does not have,
 * of a summary by another version, shows its own name and three decimals.
 */
export function metricStyle(metric: string): MetricStyle {
  const { units, scale = 1, decimals = 3, words = ["above", "below"] } = metricEntry(metric) ?? {};
  return { name: metricName(metric), differenceUnit: units?.difference ?? "", scale, decimals, words };
}
