import type { ArmSummary, Comparison } from "#results/summary.ts";
import { beyond, intervalRange, type IntervalRow } from "../../charts/interval_range.ts";
import { metricStyle } from "../../format/metrics.ts";
import { fixed, signed } from "#lib/numbers.ts";
import { capitalized } from "../../format/text.ts";
import { type Figure, seriesOf } from "../../model.ts";
import { seedDifferences } from "./seed_differences.ts";

/** Metrics that an experiment is judged by, the best first. */
const PREFERRED = [
  "test_dice",
  "validation_dice",
  "test_perplexity",
  "validation_perplexity",
  "test_accuracy",
  "validation_accuracy",
];

/** The metric of the headline and of the first screen: held-out accuracy where it was compared. */
export function mainMetric(comparisons: readonly Pick<Comparison, "metric">[]): string | undefined {
  return PREFERRED.find((name) => comparisons.some(({ metric }) => metric === name)) ??
    comparisons[0]?.metric;
}

/** A guide to the intervals of the comparisons, above their figures. */
export function howToRead({ comparisons }: { readonly comparisons: readonly Comparison[] }): string {
  const family = Math.max(1, ...comparisons.map((one) => one.family ?? 1));
  return "Differences are paired by seed, arm minus baseline. " +
    (family === 1
      ? "Intervals (95 %) are not corrected for multiple comparisons."
      : `All ${family} intervals of a metric hold together (95 %); “uncorrected” is for one alone.`);
}

/** Arms with their runs, and what compares them: of one experiment, or of several. */
export interface ComparedArms {
  readonly comparisons: readonly Comparison[];
  readonly arms: readonly ArmSummary[];
}

/** One figure a metric: the paired difference of each arm, seed by seed and with its interval, against zero. */
export function differenceFigures({ comparisons, arms }: ComparedArms, series: readonly string[]): Figure[] {
  const metrics = Map.groupBy(
    comparisons.filter(({ difference }) => difference !== null),
    ({ metric }) => metric,
  );
  return [...metrics].map(([metric, rows]) => differenceFigure(metric, rows, arms, series));
}

function differenceFigure(
  metric: string,
  rows: readonly Comparison[],
  arms: readonly ArmSummary[],
  series: readonly string[],
): Figure {
  const { name, differenceUnit, scale, decimals } = metricStyle(metric);
  const baselines = new Set(rows.map(({ against }) => against));
  const drawn = rows.map((row): IntervalRow => ({
    label: baselines.size === 1 ? row.arm : `${row.arm} − ${row.against}`,
    series: seriesOf(series, row.arm),
    value: scale * row.difference!,
    interval: row.interval && [scale * row.interval[0], scale * row.interval[1]],
    dots: seedDifferences(row, arms).map(({ seed, value }) => ({ seed, value: scale * value })),
  }));
  const margins = new Set(rows.map(({ margin }) => margin));
  const [margin] = margins.size === 1 ? margins : [];
  const described = drawn.map(({ label, value, interval: bounds }) =>
    `${label}: ${signed(value, decimals)}` +
    (bounds ? ` [${fixed(bounds[0], decimals)}, ${fixed(bounds[1], decimals)}]` : ", no interval")
  );
  const against = baselines.size === 1 ? ` minus “${[...baselines][0]}”` : ", arm minus baseline";
  return {
    kind: "figure",
    id: `difference-${metric.replaceAll(/[_:/]/g, "-").toLowerCase().replace(/[^a-z0-9-]/g, "")}`,
    title: `${capitalized(name)}${against}`,
    width: "half",
    caption: `Mean, 95 % interval, seeds.${notesOn(drawn, margin)}`,
    alt: `Paired differences in ${name}${against}. ${described.join("; ")}.`,
    chart: {
      kind: "intervals",
      x: {
        title: `difference${differenceUnit && ` (${differenceUnit})`}`,
        scale: "linear",
        decimals,
      },
      reference: 0,
      rows: drawn,
      ...(margin !== undefined && { margin: scale * margin }),
    },
  };
}

function notesOn(rows: readonly IntervalRow[], margin: number | undefined): string {
  const range = intervalRange(rows, 0);
  const isCut = rows.some((row) => Object.values(beyond(row, range)).some(Boolean));
  return (margin === undefined ? "" : " Grey: does not matter.") +
    (isCut ? " Arrow: goes on." : "") +
    (rows.some(({ interval }) => interval === null) ? " Hollow: too few seeds for an interval." : "");
}
