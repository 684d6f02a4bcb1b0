import type { Summary } from "#results/summary.ts";
import type { Section } from "../../model.ts";
import { seedsNeededTable } from "../planning/planning_table.ts";
import { comparisonTables } from "./comparison_tables.ts";
import { differenceFigures, howToRead } from "./difference_figures.ts";

/** Paired differences of the arms on each metric, and the seeds that the next experiment needs; nothing without any. */
export function comparisonsSection(summary: Summary, series: readonly string[]): Section[] {
  if (summary.comparisons.length === 0) return [];
  return [{
    id: "comparisons",
    title: "Comparisons",
    brief: true,
    blocks: [
      { kind: "text", text: howToRead(summary) },
      ...differenceFigures(summary, series),
      ...comparisonTables(summary),
      ...seedsNeededTable(summary),
    ],
  }];
}
