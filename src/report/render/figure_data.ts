import type { AnyChart, ChartKind } from "../charts/kind.ts";
import type { Attributes, PlotlyFigure } from "../charts/plotly_layout.ts";
import { CHART_KINDS, kindOf } from "../charts/registry.ts";
import { figuresOf, type Report } from "../model.ts";

/** The figures of a report as the page's script draws them. */
export function figureData(
  report: Report<AnyChart>,
  kinds: readonly ChartKind[] = CHART_KINDS,
): (PlotlyFigure & { readonly id: string })[] {
  return figuresOf(report).map(({ id, chart }) => ({
    id,
    ...underOneLegend(kindOf(chart, kinds).plotly(chart), report.series),
  }));
}

/** The figure without a legend of its own where the page's names every trace that it would name. */
function underOneLegend(figure: PlotlyFigure, series: readonly string[]): PlotlyFigure {
  const named = figure.data.filter(({ showlegend }) => showlegend !== false);
  const shown = named.map(({ meta }) => (meta as Attributes | undefined)?.["series"]);
  const isCovered = shown.every((one) => typeof one === "number" && one < series.length) &&
    new Set(shown).size === shown.length;
  if (!isCovered || series.length < 2) return figure;
  const { legend: _, ...layout } = figure.layout;
  return { ...figure, layout: { ...layout, showlegend: false } };
}
