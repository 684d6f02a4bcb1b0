import { fixed } from "#lib/numbers.ts";
import { escapePlotly, shortenedWithin } from "../../format/text.ts";
import { type Attributes, axisTitle, baseLayout, type PlotlyFigure } from "../plotly_layout.ts";
import { barRows, isAtTop, rankRange, type RanksChart } from "./chart.ts";

/** Rows of marks in pixels, of bars over groups, and what is between the axis and the first bar. */
const [ROW, BAR, GAP] = [25, 9, 12];
/** Above the axis: its labels and title, and the ruler of the critical difference. */
const [HEAD, RULER, BOTTOM] = [50, 26, 10];
/** Rows by which the worse half is lower in a wide figure. */
const BETWEEN = 0.5;
/** Below this width all names stand on the left. */
const NARROW = 640;
/** Characters of a name, and pixels of one in the fonts of a wide and a narrow figure. */
const NAME_LENGTH = 24;
const [WIDE_LETTER, NARROW_LETTER] = [7, 5.9];

/**
 * Ranks on an axis on top; below it a bar over each group that is not separated, then each mark with its interval on a row
 * of its own, a line up to the axis and one to its name. In a wide figure the better half has its names on the left, from
 * the top down, and the worse half on the right, from the top down to the middle, so that no line crosses another.
 */
export function ranksFigure(chart: RanksChart): PlotlyFigure {
  const { marks } = chart;
  const half = Math.ceil(marks.length / 2);
  return {
    data: marks.map((_, place) => markTrace(chart, place, place < half ? "y" : "y2")),
    layout: layoutOf(chart, half),
    layouts: [{ below: NARROW, layout: layoutOf(chart, marks.length) }],
  };
}

function markTrace(chart: RanksChart, place: number, yaxis: string): Attributes {
  const { label, rank, interval } = chart.marks[place]!;
  const color = colorOf(chart, place);
  return {
    type: "scatter",
    name: escapePlotly(shortenedWithin(label, NAME_LENGTH)),
    x: [rank],
    y: [place],
    xaxis: "x",
    yaxis,
    mode: "markers",
    // Hollow: one seed has no interval, which is not to look like certainty.
    marker: { color, size: 9, symbol: interval ? "circle" : "circle-open" },
    ...(interval && {
      error_x: {
        type: "data",
        symmetric: false,
        array: [interval[1] - rank],
        arrayminus: [rank - interval[0]],
        color,
        thickness: 3,
        width: 5,
      },
      customdata: [interval],
    }),
    hovertemplate: `${escapePlotly(label)}: %{x:.2f}${
      interval ? " [%{customdata[0]:.2f}, %{customdata[1]:.2f}]" : ""
    }<extra></extra>`,
    meta: {},
  };
}

const colorOf = (chart: RanksChart, place: number) => isAtTop(chart, place) ? "@accent" : "@ink";

/** The first `half` marks have their names on the left, the others on the right. */
function layoutOf(chart: RanksChart, half: number): Attributes {
  const { marks, criticalDifference } = chart;
  const count = marks.length;
  const isWide = half < count;
  const rows = Math.max(half, count - half) + (isWide ? BETWEEN : 0);
  const bars = Math.max(0, ...barRows(chart).map(({ row }) => row + 1));
  // In rows of marks, downwards: −above is the axis, 0 the first mark.
  const above = (GAP + BAR * bars + ROW / 2) / ROW;
  const range = [rows - 0.5, -above] as const;
  const letter = isWide ? WIDE_LETTER : NARROW_LETTER;
  const room = (some: RanksChart["marks"]) =>
    16 +
    letter * Math.max(0, ...some.map(({ label }) => Math.min(NAME_LENGTH, Array.from(label).length) + 5));
  const ruler = criticalDifference === null ? 0 : RULER;
  return {
    ...baseLayout(Math.round(HEAD + ruler + ROW * (rows - 0.5 + above) + BOTTOM)),
    margin: {
      l: room(marks.slice(0, half)),
      r: isWide ? room(marks.slice(half)) : 14,
      t: HEAD + ruler,
      b: BOTTOM,
    },
    hovermode: "closest",
    xaxis: {
      title: axisTitle("mean rank (1 is the best)", 6),
      side: "top",
      range: rankRange(marks),
      ...(isWide ? { dtick: 1 } : { nticks: 7 }),
      showgrid: false,
      zeroline: false,
      linecolor: "@ink",
      ticks: "outside",
      tickcolor: "@ink",
      fixedrange: true,
    },
    yaxis: { visible: false, range, fixedrange: true },
    // The worse half counts rows from its last mark on: the same place, seen from the other end.
    yaxis2: {
      visible: false,
      overlaying: "y",
      range: isWide ? range.map((row) => count - 1 - row + BETWEEN) : range,
      fixedrange: true,
    },
    shapes: [...leaders(chart, half, above), ...barShapes(chart, above), ...rulerShapes(chart)],
    annotations: [...names(chart, half), ...rulerLabel(chart)],
  };
}

/** Row of a mark on the first y axis: the worse half lies between the rows of the better one, where the two meet. */
const rowOf = (place: number, half: number, count: number) =>
  place < half ? place : count - 1 - place + BETWEEN;

/** For each mark a line from the axis down to its row, and one along the row to its name. */
function leaders({ marks }: RanksChart, half: number, above: number): Attributes[] {
  const [low, high] = rankRange(marks);
  const line = { type: "line", layer: "below", line: { color: "@muted", width: 1 } };
  return marks.flatMap(({ rank }, place) => {
    const y = rowOf(place, half, marks.length);
    return [
      { ...line, x0: rank, x1: rank, y0: -above, y1: y },
      { ...line, x0: rank, x1: place < half ? low : high, y0: y, y1: y, line: { ...line.line, dash: "dot" } },
    ];
  });
}

function barShapes(chart: RanksChart, above: number): Attributes[] {
  const [low, high] = rankRange(chart.marks);
  const overhang = 0.006 * (high - low);
  return barRows(chart).map(({ row, from, to }) => {
    const y = -above + (GAP + BAR * row) / ROW;
    return {
      type: "line",
      x0: from - overhang,
      x1: to + overhang,
      y0: y,
      y1: y,
      line: { color: "@ink", width: 4 },
    };
  });
}

/** The critical difference as a length, over the left end of the axis. */
function rulerShapes({ marks, criticalDifference }: RanksChart): Attributes[] {
  if (criticalDifference === null) return [];
  const [low, high] = rankRange(marks);
  const to = Math.min(high, low + criticalDifference);
  const line = (x0: number, x1: number, reach: number) => ({
    type: "line",
    yref: "paper",
    ysizemode: "pixel",
    yanchor: 1,
    x0,
    x1,
    y0: HEAD - reach,
    y1: HEAD + reach,
    line: { color: "@ink", width: 2 },
  });
  return [line(low, to, 0), line(low, low, 4), line(to, to, 4)];
}

function rulerLabel({ marks, criticalDifference }: RanksChart): Attributes[] {
  if (criticalDifference === null) return [];
  return [{
    text: `critical difference ${fixed(criticalDifference, 1)}`,
    x: rankRange(marks)[0],
    xanchor: "left",
    yref: "paper",
    y: 1,
    yanchor: "bottom",
    yshift: HEAD + 5,
    showarrow: false,
    font: { size: 12, color: "@ink" },
  }];
}

function names(chart: RanksChart, half: number): Attributes[] {
  return chart.marks.map(({ label, rank }, place) => {
    const isLeft = place < half;
    const name = escapePlotly(shortenedWithin(label, NAME_LENGTH));
    return {
      text: isLeft ? `${name}  ${fixed(rank, 1)}` : `${fixed(rank, 1)}  ${name}`,
      xref: "paper",
      x: isLeft ? 0 : 1,
      xanchor: isLeft ? "right" : "left",
      xshift: isLeft ? -4 : 4,
      y: rowOf(place, half, chart.marks.length),
      yanchor: "middle",
      showarrow: false,
      font: { size: 13, color: colorOf(chart, place) },
    };
  });
}
