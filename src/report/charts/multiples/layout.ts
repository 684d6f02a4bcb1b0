import { compact } from "#lib/numbers.ts";
import { escapePlotly, shortenedWithin } from "../../format/text.ts";
import { type Attributes, axis, axisTitle, baseLayout, type PlotlyFigure } from "../plotly_layout.ts";
import type { Axis } from "../axis.ts";
import type { Line } from "../lines/chart.ts";
import { scaleOf } from "../scale.ts";
import type { MultiplesChart, Panel } from "./chart.ts";

/** Heights of a panel's parts, in pixels: its name, without and with a remark, and the space between the curves. */
const [NAME, NAMES, GAP] = [20, 34, 8];
/** Heights of the curves, in one row of panels and in several. */
const [TALL, SHORT] = [{ upper: 46, lower: 116 }, { upper: 38, lower: 88 }];
/** Characters of a name that a panel has room for. */
const NAME_LENGTH = 22;
/** Most labels of a log axis, in either part of a panel. */
const LOG_TICKS = { upper: 3, lower: 5 } as const;
/** Longest label of a y axis that does not run into its title. */
const MOST_CHARACTERS = 5;
/** Space between rows of panels, and around all. */
const [BETWEEN, TOP, BOTTOM, LEFT, RIGHT] = [34, 4, 42, 60, 18];
/** Share of a panel's column that stays free: the last step of one panel and the 0 of the next stand side by side. */
const GUTTER = 0.16;
/** Panels that stand side by side, in narrow figures and in wide ones. */
const [NARROW, WIDEST] = [[{ below: 560, columns: 2 }, { below: 860, columns: 4 }], 6] as const;

/** Layouts in which panels wrap into rows. */
export function multiplesLayouts(chart: MultiplesChart): Pick<PlotlyFigure, "layout" | "layouts"> {
  const of = (columns: number) => layoutOf(chart, evenly(chart.panels.length, columns));
  return {
    layout: of(WIDEST),
    layouts: NARROW.map(({ below, columns }) => ({ below, layout: of(columns) })),
  };
}

/** Columns of as few rows as `most` columns allow, filled as evenly as can be: 9 panels in 6 columns stand in 5 and 4. */
function evenly(panels: number, most: number): number {
  return Math.max(1, Math.ceil(panels / Math.max(1, Math.ceil(panels / most))));
}

function layoutOf(chart: MultiplesChart, columns: number): Attributes {
  const { panels } = chart;
  const rows = Math.max(1, Math.ceil(panels.length / columns));
  const name = panels.some(({ remark }) => remark !== "") ? NAMES : NAME;
  const { upper, lower } = rows > 1 ? SHORT : TALL;
  const grid: Grid = { columns, rows, name, upper, panel: name + upper + GAP + lower };
  const places = panels.map((_, index) => placeOf(index, grid));
  return {
    ...baseLayout(heightOf(grid) + TOP + BOTTOM),
    margin: { l: LEFT, r: RIGHT, t: TOP, b: BOTTOM },
    hovermode: "closest",
    ...Object.fromEntries(
      places.flatMap((place, index) => axesOf(chart, place, index, index + columns >= panels.length)),
    ),
    annotations: panels.flatMap((panel, index) => nameOf(panel, places[index]!)),
    shapes: panels.flatMap((_, index) => chart.levels.map(({ value }) => levelOf(value, index))),
  };
}

/** Columns and rows, and the heights of a panel, of its name and of its upper curve. */
interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly name: number;
  readonly upper: number;
  readonly panel: number;
}

const heightOf = ({ rows, panel }: Grid) => rows * panel + (rows - 1) * BETWEEN;

/** The panel's name, and its remark below. */
function nameOf({ label, remark }: Panel, { across, top }: Place): Attributes[] {
  const words = (text: string, yshift: number, weight: number, color: string) => ({
    text: escapePlotly(text),
    xref: "paper",
    x: across[0],
    xanchor: "left",
    yref: "paper",
    y: top,
    yanchor: "top",
    yshift,
    showarrow: false,
    font: { size: 12, weight, color },
  });
  return [
    words(shortenedWithin(label, NAME_LENGTH), 4, 700, "@ink"),
    ...(remark === "" ? [] : [words(remark, -10, 400, "@bad")]),
  ];
}

function levelOf(value: number, index: number): Attributes {
  return {
    type: "line",
    xref: `x${suffix(index)} domain`,
    x0: 0,
    x1: 1,
    yref: `y${suffix(2 * index + 1)}`,
    y0: value,
    y1: value,
    line: { color: "@muted", width: 1, dash: "dot" },
  };
}

/** Shares of the drawing that a panel takes, from the left and from the bottom. */
interface Place {
  readonly across: readonly [number, number];
  readonly upper: readonly [number, number];
  readonly lower: readonly [number, number];
  readonly top: number;
  readonly first: boolean;
}

function placeOf(index: number, grid: Grid): Place {
  const { columns, name, upper, panel } = grid;
  const [row, column] = [Math.floor(index / columns), index % columns];
  const gutter = GUTTER / columns;
  const width = (1 - gutter * (columns - 1)) / columns;
  const left = column * (width + gutter);
  const from = (pixels: number) => 1 - (row * (panel + BETWEEN) + pixels) / heightOf(grid);
  return {
    across: [left, Math.min(1, left + width)],
    top: from(0),
    upper: [from(name + upper), from(name)],
    lower: [Math.max(0, from(panel)), from(name + upper + GAP)],
    first: column === 0,
  };
}

/** A panel's one x axis and its two y axes. */
function axesOf(chart: MultiplesChart, place: Place, index: number, isLast: boolean): [string, Attributes][] {
  const [upper, lower] = [2 * index, 2 * index + 1];
  const name = (at: number) => `yaxis${suffix(at)}`;
  const of = (part: "upper" | "lower") =>
    withLogTicks(chart[part], chart.panels.map((panel) => panel[part]), LOG_TICKS[part]);
  return [
    [`xaxis${suffix(index)}`, {
      ...titled(chart.x, isLast && place.first ? 8 : null),
      ...(chart.x.ticks ? {} : { nticks: 4 }),
      domain: place.across,
      anchor: `y${suffix(lower)}`,
      tickfont: { size: 11 },
      ...(index === 0 ? {} : { matches: "x" }),
    }],
    [name(upper), { ...upright(of("upper"), place, index, 3), domain: place.upper, ...matching("y", upper) }],
    [name(lower), {
      ...upright(of("lower"), place, index, 5),
      domain: place.lower,
      ...matching("y2", lower - 1),
    }],
  ];
}

/** Plotly's own choice for a log axis of up to three decades is a label, or a line, for each digit. */
function withLogTicks(of: Axis, lines: readonly Line[], most: number): Axis {
  if (of.scale === "linear" || of.ticks) return of;
  const values = lines.flatMap(({ y, band }) => [...y, ...band?.low ?? [], ...band?.high ?? []]);
  const { ticks } = scaleOf(of, values, { range: [0, 1], count: most });
  return { ...of, ticks: ticks.filter((_, index) => index % Math.ceil(ticks.length / most) === 0) };
}

/** All axes of a row's kind show the same stretch as the first one. */
function matching(first: string, index: number): Attributes {
  return index === 0 ? {} : { matches: first };
}

/** Attributes of labels and ticks, which Plotly refuses on an axis without them. */
const OF_LABELS = ["tickcolor", "tickformat", "exponentformat", "tickfont", "ticktext"];

/** A y axis; only those of the first column have labels. */
function upright(of: Axis, { first }: Place, index: number, nticks: number): Attributes {
  const whole: Attributes = {
    ...titled(of, first ? 4 : null),
    ...(of.scale === "log" && of.ticks ? { ticktext: shortTexts(of.ticks) } : {}),
    ...(of.ticks ? {} : { nticks }),
    anchor: `x${suffix(index)}`,
    fixedrange: true,
    showticklabels: first,
    tickfont: { size: 11 },
  };
  if (first) return whole;
  return {
    ...Object.fromEntries(Object.entries(whole).filter(([key]) => !OF_LABELS.includes(key))),
    ticks: "",
  };
}

/** `1e-4` has room beside the title, 0.0001 has not; labels of one axis are all of one form. */
function shortTexts(ticks: readonly number[]): string[] {
  const texts = ticks.map((tick) => compact(tick));
  return texts.every((text) => text.length <= MOST_CHARACTERS)
    ? texts
    : ticks.map((tick) => Number(tick.toPrecision(3)).toExponential().replace("e+", "e"));
}

/** An axis without room of its own; its title at a distance, or none. */
function titled(of: Axis, standoff: number | null): Attributes {
  const { title: _, ...rest } = axis(of);
  return {
    ...rest,
    automargin: false,
    ...(standoff === null ? {} : { title: axisTitle(of.title, standoff) }),
  };
}

/** Plotly's number of the n-th axis: none for the first, `2` for the next. */
export function suffix(index: number): string {
  return index === 0 ? "" : String(index + 1);
}
