import { MISSING } from "#lib/numbers.ts";
import { escapePlotly } from "../format/text.ts";
import { toCsv } from "../render/csv.ts";
import { terminalTable } from "../render/terminal_table.ts";
import { left, right, type Table, tableOf } from "../table.ts";
import type { ChartKind } from "./kind.ts";
import { HEAT_LEVELS } from "./palette.ts";
import { type Attributes, axisTitle, baseLayout, type PlotlyFigure } from "./plotly_layout.ts";

/** A value for each pair of two settings. */
export interface HeatmapChart {
  readonly kind: "heatmap";
  readonly x: CategoryAxis;
  readonly y: CategoryAxis;
  readonly valueTitle: string;
  /** `cells[row][column]`, row by y. */
  readonly cells: readonly (readonly HeatmapCell[])[];
  /** Values from this on share the last shade, where a few would press all others into the first; none if not given. */
  readonly most?: number;
  /** True for many rows of few characters: they are lower, and text is smaller. */
  readonly dense?: boolean;
}

interface CategoryAxis {
  readonly title: string;
  /** Line feeds break a label of the x axis. */
  readonly labels: readonly string[];
}

export interface HeatmapCell {
  readonly value: number | null;
  /** Lines of text in the cell. */
  readonly text: readonly string[];
  /** True within the region that the chart outlines. */
  readonly outlined?: boolean;
}

/** Values over two settings. */
export const HEATMAP: ChartKind<HeatmapChart> = {
  kind: "heatmap",
  plotly: heatmapFigure,
  table: heatmapTable,
  csv: ({ x, y, valueTitle, cells }) =>
    toCsv(
      [y.title, x.title, valueTitle],
      cells.flatMap((row, down) =>
        row.map(({ value }, across) => [y.labels[down]!, inOneLine(x.labels[across]!), value])
      ),
    ),
  text: (chart, { columns }) => terminalTable(heatmapTable(chart, ""), { width: columns }),
};

const inOneLine = (label: string) => label.replaceAll("\n", " ");

function heatmapTable({ x, y, cells }: HeatmapChart, caption: string): Table {
  return tableOf(cells, {
    caption,
    columns: [
      left([y.title, x.title].filter(Boolean).join(" / "), (_, row) => y.labels[row]!),
      ...x.labels.map((label, column) =>
        right(inOneLine(label), (row: readonly HeatmapCell[]) => row[column]!.text.join("; ") || MISSING)
      ),
    ],
  });
}

/** Height of a row in pixels. */
const [ROW, DENSE_ROW] = [80, 34];

/** Cells in shades of one hue, each with its numbers. */
function heatmapFigure(chart: HeatmapChart): PlotlyFigure {
  const { x, y } = chart;
  return {
    data: [heatmapTrace(chart)],
    layout: {
      ...baseLayout(140 + (chart.dense ? DENSE_ROW : ROW) * y.labels.length),
      margin: { l: 56, r: 16, t: 0, b: 60 },
      annotations: cellTexts(chart),
      shapes: outline(chart),
      xaxis: categoryAxis(x),
      yaxis: { ...categoryAxis(y), autorange: "reversed" },
    },
  };
}

function categoryAxis({ title, labels }: CategoryAxis): Attributes {
  return {
    title: axisTitle(title, 16),
    tickmode: "array",
    tickvals: labels.map((_, index) => index),
    ticktext: labels.map((label) => escapePlotly(label).replaceAll("\n", "<br>")),
    showgrid: false,
    zeroline: false,
    automargin: true,
  };
}

function heatmapTrace(chart: HeatmapChart): Attributes {
  return {
    type: "heatmap",
    x: chart.x.labels.map((_, index) => index),
    y: chart.y.labels.map((_, index) => index),
    z: chart.cells.map((row) => row.map(({ value }) => value)),
    customdata: chart.cells.map((row) => row.map(({ text }) => text.map(escapePlotly).join("<br>"))),
    hovertemplate: "%{customdata}<extra></extra>",
    ...(chart.most === undefined ? {} : { zmin: 0, zmax: chart.most }),
    colorscale: [[0, "@heat-0"], [0.5, "@heat-1"], [1, "@heat-2"]],
    colorbar: {
      orientation: "h",
      x: 0,
      xanchor: "left",
      y: 1.02,
      yanchor: "bottom",
      len: 0.6,
      thickness: 10,
      ypad: 0,
      outlinewidth: 0,
      title: { text: escapePlotly(chart.valueTitle), side: "top", font: { size: 12 } },
    },
    xgap: chart.dense ? 2 : 3,
    ygap: chart.dense ? 2 : 3,
    meta: {},
  };
}

/** A line wherever a cell of the outlined region meets one that is outside. */
function outline({ cells, dense = false }: HeatmapChart): Attributes[] {
  const inside = (y: number, x: number) => cells[y]?.[x]?.outlined === true;
  const edges = cells.flatMap((row, y) =>
    row.flatMap((_, x) => {
      if (!inside(y, x)) return [];
      const [left, right, low, high] = [x - 0.5, x + 0.5, y - 0.5, y + 0.5];
      return [
        ...(inside(y - 1, x) ? [] : [[left, low, right, low]]),
        ...(inside(y + 1, x) ? [] : [[left, high, right, high]]),
        ...(inside(y, x - 1) ? [] : [[left, low, left, high]]),
        ...(inside(y, x + 1) ? [] : [[right, low, right, high]]),
      ];
    })
  );
  // Its own width in the paper's colour below it keeps the line apart from cells as light or dark as itself.
  const [under, over] = dense ? [4, 2] : [8, 3];
  return [{ color: "@paper", width: under }, { color: "@ink", width: over }].flatMap((line) =>
    edges.map(([x0, y0, x1, y1]) => ({ type: "line", x0: x0!, y0: y0!, x1: x1!, y1: y1!, line }))
  );
}

/** Text in the cells in colours of our own: Plotly's would not be legible on the middle of the scale. */
function cellTexts({ cells, most, dense = false }: HeatmapChart): Attributes[] {
  const values = cells.flat().flatMap(({ value }) => value ?? []);
  const [low, high] = most === undefined ? [Math.min(...values), Math.max(...values)] : [0, most];
  const shareOf = (value: number) => Math.min(1, (value - low) / (high - low || 1));
  const levelOf = (value: number) => Math.round(shareOf(value) * (HEAT_LEVELS - 1));
  return cells.flatMap((row, y) =>
    row.map(({ value, text }, x) => ({
      x,
      y,
      text: text.map(escapePlotly).join("<br>"),
      showarrow: false,
      font: { size: dense ? 11 : 12, color: value === null ? "@muted" : `@heat-text-${levelOf(value)}` },
    }))
  );
}
