import { scoreName } from "#results/score.ts";
import type { RunRecord } from "#results/run.ts";
import type { Summary } from "#results/summary.ts";
import type { Section } from "../../model.ts";
import { budgetsSection } from "./budgets_section.ts";
import { tuningFigure } from "./tuning_figure.ts";
import { tuningTables } from "./tuning_table.ts";

/** The results of tuning budgets, where they were asked for, and the rates that tuning tried; none where nothing was tuned. */
export function tuningSections(
  summary: Summary,
  series: readonly string[],
  records: readonly RunRecord[],
): Section[] {
  if (summary.tuning.length === 0) return [];
  const seeds = new Set(records.flatMap(({ plan }) => plan.role === "tune" ? plan.seed : [])).size;
  const name = scoreName(records);
  return [...budgetsSection(summary, series), {
    id: "rates",
    title: "Tuning",
    brief: false,
    blocks: [tuningFigure(summary.tuning, series, seeds, name), ...tuningTables(summary, name)],
  }];
}
