import type { SweepSummary } from "#results/summary.ts";
import { quantile } from "#stats/summary.ts";
import type { HeatmapCell } from "../../charts/heatmap.ts";
import type { IntervalRow } from "../../charts/interval_range.ts";
import type { Chart } from "../../charts/registry.ts";
import type { Figure } from "../../model.ts";
import { counted, fixed } from "../../format/numbers.ts";
import { settingLabel } from "../../format/settings.ts";

/** The sensitivity sweep: a heatmap over two settings, or a row for each value of one. */
export function sweepFigure(sweep: SweepSummary): Figure {
  const labels = sweep.axes.map(({ values }) => values.map(settingLabel));
  const told = sweep.cells.map(({ at, mean, spread }) => {
    const setting = at.map((index, axis) => labels[axis]![index]).join(", ");
    return `${setting}: ${percent(mean)} %${spread === null ? "" : ` ± ${percent(spread)}`}`;
  });
  return {
    kind: "figure",
    id: "sensitivity",
    width: "full",
    title: `How sensitive is “${sweep.arm}” to its settings?`,
    caption:
      "Mean over seeds of the final validation accuracy in %, ± standard deviation, and the number of runs." +
      noiseText(sweep),
    alt: `Final validation accuracy by ${sweep.axes.map(({ label }) => label).join(" and ")}. ${
      told.join("; ")
    }.`,
    chart: sweep.axes.length === 1
      ? rowsChart(sweep, labels[0]!)
      : heatmapChart(sweep, labels[0]!, labels[1]!),
  };
}

function heatmapChart(sweep: SweepSummary, rows: readonly string[], columns: readonly string[]): Chart {
  return {
    kind: "heatmap",
    y: { title: axisTitle(sweep.axes[0]!.label, rows), labels: rows },
    x: { title: axisTitle(sweep.axes[1]!.label, columns), labels: columns },
    valueTitle: "validation accuracy (%)",
    cells: rows.map((_, y) => columns.map((_, x) => heatmapCell(sweep, [y, x]))),
  };
}

function heatmapCell(sweep: SweepSummary, at: readonly number[]): HeatmapCell {
  const cell = sweep.cells.find((one) => one.at.every((index, axis) => index === at[axis]));
  if (!cell || cell.mean === null) return { value: null, text: [cell ? "no run finished" : "not run"] };
  const spread = cell.spread === null ? "" : ` ± ${percent(cell.spread)}`;
  return { value: 100 * cell.mean, text: [`${percent(cell.mean)}${spread}`, counted(cell.runs, "run")] };
}

/** Mean and one standard deviation to each side. */
function rowsChart({ axes, cells }: SweepSummary, labels: readonly string[]): Chart {
  return {
    kind: "intervals",
    x: { title: "validation accuracy (%)", scale: "linear", decimals: 1 },
    reference: null,
    rows: cells.flatMap(({ at, mean, spread }): IntervalRow[] =>
      mean === null ? [] : [{
        label: `${axes[0]!.label} ${labels[at[0]!]!}`,
        series: null,
        value: 100 * mean,
        interval: spread === null ? null : [100 * (mean - spread), 100 * (mean + spread)],
      }]
    ),
  };
}

/**
 * How much the same setting varies: what a difference between cells has to exceed to mean anything. Cells in which all
 * runs guess alike do not vary, and say nothing of those that learn.
 */
function noiseText({ cells }: SweepSummary): string {
  const spreads = cells.flatMap(({ spread }) => spread === null || spread === 0 ? [] : spread);
  if (spreads.length === 0) return "";
  const typical = quantile(spreads, 0.5);
  return ` The same setting varies by about ${
    percent(typical)
  } points from seed to seed (median standard deviation): ` +
    "read smaller differences between cells as noise.";
}

function axisTitle(label: string, values: readonly string[]): string {
  return values.every((text) => text.endsWith("%")) ? `${label} (share of the run)` : label;
}

function percent(share: number | null): string {
  return fixed(share === null ? null : 100 * share, 1);
}
