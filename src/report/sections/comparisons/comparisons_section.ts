import type { Summary } from "#results/summary.ts";
import type { Section } from "../../model.ts";
import { comparisonTables } from "./comparison_tables.ts";
import { failuresTable } from "./failures_table.ts";
import { differenceFigures, howToRead, mainMetric } from "./difference_figures.ts";

/** Paired differences of the arms on each metric; the main one's figure is on the first screen. Nothing without any. */
export function comparisonsSection(summary: Summary, series: readonly string[]): Section[] {
  const { comparisons, arms } = summary;
  if (comparisons.length === 0) return [];
  const main = mainMetric(comparisons);
  return [{
    id: "comparisons",
    title: "Comparisons",
    brief: true,
    blocks: [
      { kind: "text", text: howToRead(summary) },
      ...failuresTable(summary),
      ...comparisonTables(summary),
      ...differenceFigures(
        { comparisons: comparisons.filter(({ metric }) => metric !== main), arms },
        series,
      ),
    ],
  }];
}
