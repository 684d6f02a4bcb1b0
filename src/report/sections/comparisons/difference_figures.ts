import type { Comparison, Summary } from "#results/summary.ts";
import { beyond, intervalRange } from "../../charts/interval_range.ts";
import { metricStyle } from "../../format/metrics.ts";
import type { IntervalRow } from "../../charts/interval_range.ts";
import { type Figure, seriesOf } from "../../model.ts";
import { fixed, signed } from "../../format/numbers.ts";
import { capitalized } from "../../format/text.ts";

/** What stands above the figures of differences. */
export function howToRead({ comparisons }: Summary): string {
  const family = Math.max(1, ...comparisons.map((one) => one.family ?? 1));
  const together = family === 1
    ? "Each interval stands for itself: of twenty comparisons without any effect, about one would still be told apart."
    : `Bars are so wide that those of all ${family} arms on one metric hold together: in nineteen of twenty ` +
      "experiments none of them misses the true difference (Bonferroni). The tables also have the interval that a " +
      "comparison would have alone.";
  return "Each mark is the mean of the differences within each seed, arm minus baseline; its bar is the 95 % " +
    `bootstrap interval, widened for few seeds. ${together} Where a bar crosses zero, these runs do not tell the ` +
    "arms apart.";
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
  const targets = new Set(rows.map(({ against }) => against));
  const drawn = rows.map(({ arm, against, difference, interval }): IntervalRow => ({
    label: targets.size === 1 ? arm : `${arm} − ${against}`,
    series: seriesOf(series, arm),
    value: scale * difference!,
    interval: interval && [scale * interval[0], scale * interval[1]],
  }));
  const told = drawn.map(({ label, value, interval: bounds }) =>
    `${label}: ${signed(value, decimals)}` +
    (bounds ? ` [${fixed(bounds[0], decimals)}, ${fixed(bounds[1], decimals)}]` : ", no interval")
  );
  const against = targets.size === 1 ? ` against “${[...targets][0]}”` : "";
  return {
    kind: "figure",
    id: `difference-${metric.replaceAll(/[_:/]/g, "-").toLowerCase().replace(/[^a-z0-9-]/g, "")}`,
    title: `${capitalized(name)}${against}`,
    width: "half",
    caption: "Mark: the mean difference; bar: its 95 % interval." + notesOn(drawn),
    alt: `Paired differences in ${name}${against}. ${told.join("; ")}.`,
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
  return (isCut ? " An arrow: it goes on beyond the chart; the table has it whole." : "") +
    (rows.some(({ interval }) => interval === null) ? " Hollow: too few seeds for an interval." : "");
}
