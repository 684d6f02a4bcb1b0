import { assertNever } from "#lib/assert_never.ts";
import type { Axis, Chart, HeatmapChart, IntervalChart, Line, LineChart } from "./model.ts";
import { HEAT_LEVELS, seriesStyle } from "./palette.ts";
import { escapePlotly, shortened } from "./text.ts";

/** Plain data. The published types lag behind Plotly 4; the browser tests hold every figure to `Plotly.validate`. */
export type Attribute = string | number | boolean | null | readonly Attribute[] | Attributes;
export interface Attributes {
  readonly [name: string]: Attribute;
}

/**
 * A chart for Plotly, colours still by role: the page replaces every string `@role` by the colour that the theme in
 * force gives to it, and `@role/0.2` by the same at an opacity of 0.2. A trace's `meta.series` is its series.
 */
export interface PlotlyFigure {
  readonly data: readonly Attributes[];
  readonly layout: Attributes;
}

export function toPlotly(chart: Chart): PlotlyFigure {
  switch (chart.kind) {
    case "lines":
      return lineFigure(chart);
    case "heatmap":
      return heatmapFigure(chart);
    case "intervals":
      return intervalFigure(chart);
    default:
      return assertNever(chart);
  }
}

const LABEL_LENGTH = 32;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

function baseLayout(height: number): Attributes {
  return {
    height,
    autosize: true,
    margin: { l: 56, r: 16, t: 16, b: 48 },
    font: { family: FONT, size: 13, color: "@ink" },
    paper_bgcolor: "@paper",
    plot_bgcolor: "@paper",
    hoverlabel: { bgcolor: "@panel", bordercolor: "@rule", font: { family: FONT, size: 12, color: "@ink" } },
    showlegend: false,
    dragmode: "zoom",
  };
}

function axis({ title, scale }: Axis): Attributes {
  return {
    title: axisTitle(title),
    type: scale,
    gridcolor: "@rule",
    linecolor: "@rule",
    zeroline: false,
    ticks: "outside",
    tickcolor: "@rule",
    automargin: true,
    // Without a format Plotly would write `2` for 0.02 on a log axis.
    ...(scale === "log" ? { tickformat: "~g" } : { exponentformat: "none" }),
  };
}

function axisTitle(text: string, standoff = 8): Attributes {
  return { text: escapePlotly(text), standoff, font: { size: 13 } };
}

function hoverFormat({ decimals }: Axis): string {
  return decimals === "significant" ? ".3~g" : `,.${decimals}f`;
}

function lineFigure(chart: LineChart): PlotlyFigure {
  // Many bands over each other would end in one dark heap.
  const opacity = Math.max(0.05, 0.36 / Math.max(2, chart.lines.length)).toFixed(2);
  const data = chart.lines.flatMap((line) => [...bandTrace(line, opacity), lineTrace(line, chart)]);
  const levels = chart.levels.map(({ value }) => ({
    type: "line",
    xref: "paper",
    x0: 0,
    x1: 1,
    y0: value,
    y1: value,
    line: { color: "@muted", width: 1, dash: "dot" },
  }));
  const layout: Attributes = {
    ...baseLayout(400),
    showlegend: true,
    legend: { orientation: "h", x: 0, xanchor: "left", y: -0.2, yanchor: "top", font: { size: 12 } },
    hovermode: "x unified",
    xaxis: { ...axis(chart.x), ...(chart.x.scale === "linear" ? { rangemode: "tozero" } : {}) },
    yaxis: axis(chart.y),
    shapes: levels,
    annotations: chart.levels.map(({ label, value }) => ({
      text: escapePlotly(label),
      xref: "paper",
      x: 1,
      xanchor: "right",
      y: chart.y.scale === "log" ? Math.log10(value) : value,
      yanchor: "bottom",
      showarrow: false,
      font: { size: 11, color: "@muted" },
    })),
  };
  if (chart.above === null) return { data, layout };
  return { data: [...data, anchorTrace(chart)], layout: { ...layout, ...upperAxis(chart, chart.above) } };
}

function lineTrace(line: Line, chart: LineChart): Attributes {
  const { color, dash, symbol } = seriesStyle(line.series);
  const onlyMarks = line.style === "crosses";
  const format = hoverFormat(chart.y);
  return {
    type: "scatter",
    name: escapePlotly(shortened(line.label, LABEL_LENGTH)),
    x: [...line.x],
    y: [...line.y],
    mode: onlyMarks
      ? "markers"
      : line.x.length === 1 || line.style !== "curve"
      ? "lines+markers"
      : "lines+markers",
    ...(onlyMarks ? {} : {
      line: { color, dash, width: 2, shape: line.style === "steps" ? "hv" : "linear", simplify: false },
    }),
    marker: {
      color,
      symbol: perPoint(line, onlyMarks ? "x" : symbol, "star"),
      size: perPoint(line, onlyMarks ? 10 : 8, 18),
      // On a long curve a few markers tell it from its neighbours; more would hide it.
      opacity: 1,
      maxdisplayed: line.style === "points" || onlyMarks ? 0 : 8,
      line: { color: "@paper", width: 1 },
    },
    // A marker on the edge is drawn whole.
    cliponaxis: false,
    legendgroup: `series-${line.series}`,
    showlegend: !onlyMarks,
    meta: { series: line.series },
    ...(line.band
      ? {
        customdata: line.x.map((_, i) => [line.band!.low[i]!, line.band!.high[i]!]),
        hovertemplate: `%{y:${format}} (%{customdata[0]:${format}} – %{customdata[1]:${format}})`,
      }
      : { hovertemplate: `%{y:${format}}` }),
  };
}

/** One value for all points, or a list where the chosen point has another. */
function perPoint<T extends Attribute>(line: Line, usual: T, chosen: T): Attribute {
  return line.chosen === null ? usual : line.x.map((_, index) => index === line.chosen ? chosen : usual);
}

/** The band as a closed outline: along the lowest values and back along the highest. */
function bandTrace(line: Line, opacity: string): Attributes[] {
  if (line.band === null) return [];
  const { color } = seriesStyle(line.series);
  return [{
    type: "scatter",
    name: `${escapePlotly(shortened(line.label, LABEL_LENGTH))}, range`,
    x: [...line.x, ...line.x.toReversed()],
    y: [...line.band.low, ...line.band.high.toReversed()],
    mode: "lines",
    line: { width: 0, color: `${color}/0`, shape: "linear" },
    fill: "toself",
    fillcolor: `${color}/${opacity}`,
    hoverinfo: "skip",
    legendgroup: `series-${line.series}`,
    showlegend: false,
    meta: { series: line.series },
  }];
}

/** Plotly draws an axis only where a trace lies on it. */
function anchorTrace(chart: LineChart): Attributes {
  const x = chart.lines[0]?.x[0] ?? 0;
  return {
    type: "scatter",
    x: [x],
    y: [null],
    xaxis: "x2",
    showlegend: false,
    hoverinfo: "skip",
    meta: {},
  };
}

/** An axis in the same units as the lower one, so that zooming keeps both together; only its labels differ. */
function upperAxis(chart: LineChart, above: NonNullable<LineChart["above"]>): Attributes {
  const last = Math.max(0, ...chart.lines.map((line) => line.x.at(-1) ?? 0)) / above.every;
  const step = niceStep(last / 8);
  const ticks = Array.from({ length: Math.floor(last / step + 1e-9) + 1 }, (_, index) => index * step);
  return {
    margin: { l: 56, r: 16, t: 48, b: 48 },
    xaxis2: {
      title: axisTitle(above.title),
      linecolor: "@rule",
      ticks: "outside",
      tickcolor: "@rule",
      zeroline: false,
      showgrid: false,
      automargin: true,
      side: "top",
      overlaying: "x",
      matches: "x",
      tickvals: ticks.map((tick) => tick * above.every),
      ticktext: ticks.map((tick) => String(Number(tick.toPrecision(6)))),
    },
  };
}

/** The smallest of 1, 2, 5 times a power of ten that is at least `least`. */
function niceStep(least: number): number {
  if (!(least > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * (1 - 1e-9))!;
}

function heatmapFigure(chart: HeatmapChart): PlotlyFigure {
  const category = (labels: readonly string[]) => ({
    tickmode: "array",
    tickvals: labels.map((_, index) => index),
    ticktext: labels.map(escapePlotly),
    showgrid: false,
    zeroline: false,
    automargin: true,
  });
  const data = {
    type: "heatmap",
    x: chart.x.labels.map((_, index) => index),
    y: chart.y.labels.map((_, index) => index),
    z: chart.cells.map((row) => row.map(({ value }) => value)),
    customdata: chart.cells.map((row) => row.map(({ text }) => text.map(escapePlotly).join("<br>"))),
    hovertemplate: "%{customdata}<extra></extra>",
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
    xgap: 3,
    ygap: 3,
    meta: {},
  };
  return {
    data: [data],
    layout: {
      ...baseLayout(140 + 80 * chart.y.labels.length),
      margin: { l: 56, r: 16, t: 0, b: 48 },
      annotations: cellTexts(chart),
      xaxis: { ...category(chart.x.labels), title: axisTitle(chart.x.title, 16) },
      yaxis: {
        ...category(chart.y.labels),
        title: axisTitle(chart.y.title),
        autorange: "reversed",
      },
    },
  };
}

/** Text in the cells in colours of our own: Plotly's would not be legible on the middle of the scale. */
function cellTexts({ cells }: HeatmapChart): Attributes[] {
  const values = cells.flat().flatMap(({ value }) => value ?? []);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const levelOf = (value: number) => Math.round(((value - low) / (high - low || 1)) * (HEAT_LEVELS - 1));
  return cells.flatMap((row, y) =>
    row.map(({ value, text }, x) => ({
      x,
      y,
      text: text.map(escapePlotly).join("<br>"),
      showarrow: false,
      font: { size: 12, color: value === null ? "@muted" : `@heat-text-${levelOf(value)}` },
    }))
  );
}

function intervalFigure(chart: IntervalChart): PlotlyFigure {
  const format = hoverFormat(chart.x);
  const data = chart.rows.map((row, index): Attributes => {
    const color = row.series === null ? "@ink" : seriesStyle(row.series).color;
    const [low, high] = row.interval ?? [row.value, row.value];
    return {
      type: "scatter",
      name: escapePlotly(shortened(row.label, LABEL_LENGTH)),
      x: [row.value],
      y: [index],
      mode: "markers",
      marker: { color, size: 10, symbol: row.series === null ? "circle" : seriesStyle(row.series).symbol },
      error_x: {
        type: "data",
        symmetric: false,
        array: [high - row.value],
        arrayminus: [row.value - low],
        color,
        thickness: 2,
        width: 6,
      },
      hovertemplate: `%{x:${format}} [%{customdata[0]:${format}}, %{customdata[1]:${format}}]<extra></extra>`,
      customdata: [[low, high]],
      meta: row.series === null ? {} : { series: row.series },
    };
  });
  return {
    data,
    layout: {
      ...baseLayout(110 + 44 * chart.rows.length),
      hovermode: "closest",
      xaxis: axis(chart.x),
      yaxis: {
        tickmode: "array",
        tickvals: chart.rows.map((_, index) => index),
        ticktext: chart.rows.map(({ label }) =>
          twoLines(shortened(label, LABEL_LENGTH)).map(escapePlotly).join("<br>")
        ),
        range: [chart.rows.length - 0.5, -0.5],
        ticks: "outside",
        tickcolor: "@paper",
        showgrid: false,
        zeroline: false,
        automargin: true,
        fixedrange: true,
      },
      shapes: chart.reference === null ? [] : [{
        type: "line",
        yref: "paper",
        y0: 0,
        y1: 1,
        x0: chart.reference,
        x1: chart.reference,
        line: { color: "@ink", width: 1 },
      }],
    },
  };
}

/** A label of at most {@link LABEL_LENGTH} characters in one line or two, broken at a space where there is one. */
function twoLines(label: string): string[] {
  const characters = Array.from(label);
  const half = LABEL_LENGTH / 2;
  if (characters.length <= half) return [label];
  const space = characters.lastIndexOf(" ", half);
  const at = space > 0 && characters.length - space - 1 <= half ? space : half;
  return [characters.slice(0, at).join(""), characters.slice(at).join("").trimStart()];
}
