import { escapePlotly, shortened, shortenedWithin } from "../../format/text.ts";
import type { Axis } from "../axis.ts";
import { seriesStyle } from "../palette.ts";
import {
  type Attributes,
  axis,
  baseLayout,
  hoverFormat,
  LABEL_LENGTH,
  type PlotlyFigure,
} from "../plotly_layout.ts";
import { anchorTrace, levelLabel, levelShape, markLabel, markShape, rangeAround, upperAxis } from "./axes.ts";
import type { Line, LineChart } from "./chart.ts";
import { seedTraces } from "./seed_traces.ts";

/** Curves with their bands, levels, and a second axis on top. */
export function lineFigure(chart: LineChart): PlotlyFigure {
  // Many bands over each other would end in one dark heap.
  const opacity = Math.max(0.06, 0.6 / Math.max(3, chart.lines.length)).toFixed(2);
  const data = chart.lines.flatMap((line, index) => lineTraces(line, chart.y, { index, opacity }));
  const layout: Attributes = {
    ...baseLayout(400),
    showlegend: true,
    legend: { orientation: "h", x: 0, xanchor: "left", y: -0.2, yanchor: "top", font: { size: 12 } },
    hovermode: "x unified",
    xaxis: {
      ...axis(chart.x),
      ...(chart.x.scale === "linear" && !chart.x.ticks ? { rangemode: "tozero" } : {}),
      ...(chart.marks ? { range: rangeAround(chart) } : {}),
    },
    yaxis: axis(chart.y, chart.lines.flatMap(({ y, band }) => [...y, ...(band?.low ?? [])])),
    shapes: [...chart.levels.map(levelShape), ...(chart.marks ?? []).map(markShape)],
    annotations: [
      ...chart.levels.map((level) => levelLabel(level, chart)),
      ...(chart.marks ?? []).map((mark, index) => markLabel(mark, index, chart)),
    ],
  };
  if (chart.above === null) return { data, layout };
  return { data: [...data, anchorTrace(chart)], layout: { ...layout, ...upperAxis(chart, chart.above) } };
}

export interface LineLook {
  /** The line's place in its chart, by which the page finds the runs that belong to it. */
  readonly index: number;
  /** Of the band. */
  readonly opacity: string;
  /** False for a bare line; true if not given. */
  readonly markers?: boolean;
}

/** The traces of a line from the ground up: band, single runs, the line itself, its chosen point. */
export function lineTraces(
  line: Line,
  y: Axis,
  { index, opacity, markers = true }: LineLook,
): Attributes[] {
  // Where every run failed, they are all that there is.
  if (line.x.length === 0) return seedTraces(line, y, index);
  const part = (name: string) => line.runs === undefined ? {} : { part: name, line: index };
  return [
    ...(line.bars ? [] : bandTrace(line, opacity, part("band"))),
    ...seedTraces(line, y, index),
    markers ? lineTrace(line, y, part("mean")) : bare(lineTrace(line, y, part("mean"))),
    ...chosenTrace(line),
  ];
}

/** A line without its markers. */
function bare({ marker: _, cliponaxis: __, ...line }: Attributes): Attributes {
  return { ...line, mode: "lines" };
}

function lineTrace(line: Line, y: Axis, part: Attributes): Attributes {
  const { color } = seriesStyle(line.series);
  // In twos: the series that has this colour next has the next dash.
  const { dash, symbol } = seriesStyle(line.series + 2 * (line.variant ?? 0));
  const onlyMarks = line.style === "crosses";
  const format = hoverFormat(y);
  return {
    type: "scatter",
    name: escapePlotly(shortenedWithin(line.label, LABEL_LENGTH)),
    x: [...line.x],
    y: [...line.y],
    mode: onlyMarks ? "markers" : "lines+markers",
    ...(onlyMarks ? {} : {
      line: { color, dash, width: 2, shape: line.style === "steps" ? "hv" : "linear", simplify: false },
    }),
    marker: {
      color,
      symbol: onlyMarks ? "x" : symbol,
      size: onlyMarks ? 10 : 8,
      // A few markers distinguish a long curve from its neighbours; more would hide it.
      opacity: 1,
      maxdisplayed: line.style === "points" || onlyMarks ? 0 : 8,
      line: { color: "@paper", width: 1 },
    },
    // A marker on the edge is drawn whole.
    cliponaxis: false,
    legendgroup: `series-${line.series}`,
    showlegend: !onlyMarks,
    meta: { series: line.series, ...part },
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

/** The band as a closed outline: along the lowest values and back along the highest. */
function bandTrace(line: Line, opacity: string, part: Attributes): Attributes[] {
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
    meta: { series: line.series, ...part },
  }];
}
