import { assertNever } from "#lib/assert_never.ts";
import type { Chart } from "../model.ts";
import { heatmapFigure } from "./heatmap.ts";
import { intervalFigure } from "./intervals.ts";
import type { PlotlyFigure } from "./plotly_layout.ts";
import { lineFigure } from "./lines.ts";
import { parallelFigure } from "./parallel.ts";

/** A chart of the model for Plotly, colours still by role. */
export function toPlotly(chart: Chart): PlotlyFigure {
  switch (chart.kind) {
    case "lines":
      return lineFigure(chart);
    case "heatmap":
      return heatmapFigure(chart);
    case "intervals":
      return intervalFigure(chart);
    case "parallel":
      return parallelFigure(chart);
    default:
      return assertNever(chart);
  }
}
