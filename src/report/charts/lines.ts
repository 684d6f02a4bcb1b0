import type { Line, LineChart } from "../model.ts";
import { seriesStyle } from "./palette.ts";
import {
  type Attributes,
  axis,
  axisTitle,
  baseLayout,
  hoverFormat,
  LABEL_LENGTH,
  type PlotlyFigure,
} from "./plotly_layout.ts";
import { escapePlotly, shortened, shortenedWithin } from "../format/text.ts";

/** Curves with their bands, levels, and a second axis on top. */
export function lineFigure(chart: LineChart): PlotlyFigure {
  // Many bands over each other would end in one dark heap.
  const opacity = Math.max(0.06, 0.6 / Math.max(3, chart.lines.length)).toFixed(2);
  const data = chart.lines.flatMap((line) => [
    ...(line.bars ? [] : bandTrace(line, opacity)),
    lineTrace(line, chart),
    ...chosenTrace(line),
  ]);
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
    xaxis: {
      ...axis(chart.x),
      ...(chart.x.scale === "linear" && !chart.x.ticks ? { rangemode: "tozero" } : {}),
      ...(chart.marks ? { range: around(chart) } : {}),
    },
    yaxis: axis(chart.y, chart.lines.flatMap(({ y, band }) => [...y, ...(band?.low ?? [])])),
    shapes: [...levels, ...(chart.marks ?? []).map(markShape)],
    annotations: [
      ...chart.levels.map(({ label, value }) => ({
        text: escapePlotly(label),
        xref: "paper",
        x: 1,
        xanchor: "right",
        y: chart.y.scale === "log" ? Math.log10(value) : value,
        yanchor: "bottom",
        showarrow: false,
        // Curves go over the line, and would hide its name.
        bgcolor: "@paper/0.8",
        font: { size: 11, color: "@muted" },
      })),
      ...(chart.marks ?? []).map((mark, index) => markLabel(mark, index, chart)),
    ],
  };
  if (chart.above === null) return { data, layout };
  return { data: [...data, anchorTrace(chart)], layout: { ...layout, ...upperAxis(chart, chart.above) } };
}

function lineTrace(line: Line, chart: LineChart): Attributes {
  const { color } = seriesStyle(line.series);
  // In twos: the series that has this colour next has the next dash.
  const { dash, symbol } = seriesStyle(line.series + 2 * (line.variant ?? 0));
  const onlyMarks = line.style === "crosses";
  const format = hoverFormat(chart.y);
  return {
    type: "scatter",
    name: escapePlotly(shortenedWithin(line.label, LABEL_LENGTH)),
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
      symbol: onlyMarks ? "x" : symbol,
      size: onlyMarks ? 10 : 8,
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
    ...(line.bars && line.band && {
      error_y: {
        type: "data",
        symmetric: false,
        array: line.y.map((value, index) => line.band!.high[index]! - value),
        arrayminus: line.y.map((value, index) => value - line.band!.low[index]!),
        color,
        thickness: 2,
        width: 6,
      },
    }),
    ...(line.band
      ? {
        customdata: line.x.map((_, i) => [line.band!.low[i]!, line.band!.high[i]!]),
        hovertemplate: `%{y:${format}} (%{customdata[0]:${format}} – %{customdata[1]:${format}})`,
      }
      : { hovertemplate: `%{y:${format}}` }),
  };
}

/** A star over the point that was chosen; a mark of its own, so that the legend keeps the line's. */
function chosenTrace({ series, x, y, chosen }: Line): Attributes[] {
  if (chosen === null) return [];
  const { color } = seriesStyle(series);
  return [{
    type: "scatter",
    x: [x[chosen]!],
    y: [y[chosen]!],
    mode: "markers",
    marker: { color, symbol: "star", size: 18, line: { color: "@paper", width: 1 } },
    cliponaxis: false,
    hoverinfo: "skip",
    legendgroup: `series-${series}`,
    showlegend: false,
    meta: { series },
  }];
}

type Mark = NonNullable<LineChart["marks"]>[number];

function markShape({ value }: Mark): Attributes {
  return {
    type: "line",
    yref: "paper",
    y0: 0,
    y1: 1,
    x0: value,
    x1: value,
    line: { color: "@ink", width: 1, dash: "dot" },
  };
}

/**
 * Labels of neighbours stand on rows of their own, the first on top, on a ground that curves do not shine through;
 * each on the side of its line where there is more room.
 */
function markLabel({ label, value }: Mark, index: number, chart: LineChart): Attributes {
  const [first, last] = around(chart);
  const x = onAxis(chart, value);
  const isLeft = x < (first + last) / 2;
  return {
    text: escapePlotly(label),
    x,
    xanchor: isLeft ? "left" : "right",
    xshift: isLeft ? 3 : -3,
    yref: "paper",
    y: 1 - 0.07 * index,
    yanchor: "top",
    showarrow: false,
    bgcolor: "@paper/0.8",
    font: { size: 11, color: "@ink" },
  };
}

/** The x axis from its curves alone: Plotly would make room for labels of marks too. */
function around(chart: LineChart): [number, number] {
  const all = chart.lines.flatMap(({ x }) => x).map((x) => onAxis(chart, x));
  if (all.length === 0) return [0, 1];
  const [first, last] = [Math.min(...all), Math.max(...all)];
  const margin = 0.03 * (last - first) || 0.5;
  return [first - margin, last + margin];
}

/** Where Plotly wants ranges and annotations on a log axis: at the logarithm. */
function onAxis({ x: { scale } }: LineChart, value: number): number {
  return scale === "log" ? Math.log10(value) : value;
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
