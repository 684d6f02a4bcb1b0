import type { Comparison, Summary } from "#results/summary.ts";
import { beyond, intervalRange, type IntervalRow } from "../../charts/interval_range.ts";
import { metricStyle } from "../../format/metrics.ts";
import { fixed, signed } from "../../format/numbers.ts";
import { capitalized } from "../../format/text.ts";
import { type Figure, seriesOf } from "../../model.ts";

/** Explanation of the comparisons, above their figures. */
export function howToRead({ comparisons }: Summary): string {
  const family = Math.max(1, ...comparisons.map((one) => one.family ?? 1));
  const correction = family === 1
    ? "The intervals are not corrected for multiple comparisons: of twenty comparisons without any effect, about " +
      "one would still appear as a difference."
    : `The intervals are widened for ${family} comparisons on each metric (Bonferroni): in 95 of 100 experiments ` +
      "all of them contain the true difference. The tables also list the uncorrected interval of each comparison.";
  return "Each mark is the mean over seeds of the difference, arm minus baseline, between runs with the same seed. " +
    "Its bar is the 95 % interval. " + correction +
    " Where a bar crosses zero, these runs show no detectable difference.";
}

/** One figure a metric: the paired difference of each arm, with its interval, against zero. */
export function differenceFigures(
  { comparisons }: Pick<Summary, "comparisons">,
  series: readonly string[],
): Figure[] {
  const metrics = [...new Set(comparisons.map(({ metric }) => metric))];
  return metrics.flatMap((metric) => {
    const rows = comparisons.filter((one) => one.metric === metric && one.difference !== null);
    return rows.length === 0 ? [] : [differenceFigure(metric, rows, series)];
  });
}

function differenceFigure(metric: string, rows: readonly Comparison[], series: readonly string[]): Figure {
  const { name, differenceUnit, scale, decimals } = metricStyle(metric);
  const baselines = new Set(rows.map(({ against }) => against));
  const drawn = rows.map(({ arm, against, difference, interval }): IntervalRow => ({
    label: baselines.size === 1 ? arm : `${arm} − ${against}`,
    series: seriesOf(series, arm),
    value: scale * difference!,
    interval: interval && [scale * interval[0], scale * interval[1]],
  }));
  const described = drawn.map(({ label, value, interval: bounds }) =>
    `${label}: ${signed(value, decimals)}` +
    (bounds ? ` [${fixed(bounds[0], decimals)}, ${fixed(bounds[1], decimals)}]` : ", no interval")
  );
  const against = baselines.size === 1 ? ` against “${[...baselines][0]}”` : "";
  return {
    kind: "figure",
    id: `difference-${metric.replaceAll(/[_:/]/g, "-").toLowerCase().replace(/[^a-z0-9-]/g, "")}`,
    title: `${capitalized(name)}${against}`,
    width: "half",
    caption: "Mark: mean difference. Bar: 95 % interval." + notesOn(drawn),
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
    },
  };
}

function notesOn(rows: readonly IntervalRow[]): string {
  const range = intervalRange(rows, 0);
  const isCut = rows.some((row) => Object.values(beyond(row, range)).some(Boolean));
  return (isCut ? " Arrow: the interval extends beyond the chart; the table lists its ends." : "") +
    (rows.some(({ interval }) => interval === null) ? " Hollow mark: too few seeds for an interval." : "");
}
