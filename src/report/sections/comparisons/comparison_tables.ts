import type { Comparison, Summary } from "#results/summary.ts";
import { metricStyle } from "../../format/metrics.ts";
import { counted, interval, signed } from "#lib/numbers.ts";
import { capitalized } from "../../format/text.ts";
import { seriesOf } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";

/** The paired comparisons, a table for each metric and baseline. */
export function comparisonTables({ comparisons, arms }: Summary): Table[] {
  const names = arms.map(({ name }) => name);
  const groups = Map.groupBy(comparisons, ({ metric, against }) => JSON.stringify([metric, against]));
  return [...groups.values()].map((rows) => comparisonTable(rows, names));
}

function comparisonTable(comparisons: readonly Comparison[], names: readonly string[]): Table {
  const { metric, against } = comparisons[0]!;
  const { name, differenceUnit, scale, decimals } = metricStyle(metric);
  const isSame = new Set(comparisons.map(({ seeds }) => seeds)).size === 1;
  const isCorrected = comparisons.some(({ family = 1 }) => family > 1);
  const unit = differenceUnit && ` (${differenceUnit})`;
  const seeds = isSame ? `, ${counted(comparisons[0]!.seeds, "seed")}` : "";
  return tableOf(comparisons, {
    width: isCorrected ? "full" : "half",
    caption: `${capitalized(name)}${unit}: arm minus “${against}”${seeds}`,
    columns: [
      left("arm", ({ arm }) => arm),
      right(
        "difference",
        ({ difference }) => signed(difference === null ? null : scale * difference, decimals),
      ),
      right("95 % interval", (one) => interval(one.interval, decimals, scale)),
      ...(isCorrected
        ? [
          right(
            "uncorrected",
            (one: Comparison) => interval(one.interval_uncorrected ?? null, decimals, scale),
          ),
        ]
        : []),
      left("verdict", ({ verdict }) => verdict),
      ...(isSame ? [] : [right("seeds", (one: Comparison) => String(one.seeds))]),
    ],
    series: ({ arm }) => seriesOf(names, arm),
  });
}
