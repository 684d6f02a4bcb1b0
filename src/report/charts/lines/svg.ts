import { shortened } from "../../format/text.ts";
import { type Markup, markup } from "../../render/markup.ts";
import { LIGHT, seriesStyle } from "../palette.ts";
import { LABEL_LENGTH } from "../plotly_layout.ts";
import { roundTicks, type Scale, scaleOf } from "../scale.ts";
import type { Line, LineChart } from "./chart.ts";

/** The drawing's size and the place of its axes, in user units. */
const WIDTH = 720;
const HEIGHT = 340;
const PLOT = { left: 70, right: WIDTH - 16, top: 12, bottom: HEIGHT - 44 };
const LEGEND_LINE = 18;
/** Room for a second axis over the plot. */
const ABOVE = 30;
const TICKS = 4;
const MARGIN = 0.03;

/** Lines with their bands as a still picture, for viewers of notebooks that know no Plotly. */
export function lineSvg(chart: LineChart, alt: string): Markup {
  const { lines, levels, marks = [], above } = chart;
  const x = scaleOf(chart.x, lines.flatMap((line) => line.x), {
    range: [PLOT.left, PLOT.right],
    count: TICKS,
  });
  const heights = lines.flatMap(({ y, band }) => [...y, ...band?.low ?? [], ...band?.high ?? []]);
  const y = scaleOf(chart.y, [...heights, ...levels.map(({ value }) => value)], {
    range: [PLOT.bottom, PLOT.top],
    margin: MARGIN,
    count: TICKS,
  });
  // Where crosses belong to a curve of their series, the legend names that alone.
  const curves = new Set(lines.filter(({ style }) => style !== "crosses").map(({ series }) => series));
  const named = lines.filter(({ style, series }) => style !== "crosses" || !curves.has(series));
  const head = above === null ? 0 : ABOVE;
  const height = HEIGHT + head + LEGEND_LINE * named.length;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 ${-head} ${WIDTH} ${height}" width="${WIDTH}" role="img"
 aria-label="${alt}" font-family="sans-serif" font-size="12" style="background: ${LIGHT.paper}">
${x.ticks.map((tick) => xTick(x.at(tick), short(tick)))}
${y.ticks.map((tick) => yTick(y.at(tick), short(tick)))}
${text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 36, chart.x.title, "middle")}
${above && aboveAxis(above, x)}
<g transform="rotate(-90 14 ${(PLOT.top + PLOT.bottom) / 2})">${
    text(14, (PLOT.top + PLOT.bottom) / 2, chart.y.title, "middle")
  }</g>
${
    levels.map((
      { value, label },
    ) => [rule(y.at(value), LIGHT.muted, "2 3"), text(PLOT.right, y.at(value) - 4, label, "end")])
  }
${marks.map(({ value, label }) => mark(x.at(value), label))}
${lines.map((line) => bandOf(line, x, y))}
${lines.map((line) => drawn(line, x, y))}
${named.map((line, index) => legend(line, HEIGHT + LEGEND_LINE * index))}
</svg>`;
}

function bandOf(line: Line, x: Scale, y: Scale): Markup | null {
  if (line.band === null) return null;
  const color = colorOf(line);
  const { low, high } = line.band;
  const ends = line.x.map((value, index) => [x.at(value), y.at(low[index]!), y.at(high[index]!)] as const)
    .filter((points) => points.every(Number.isFinite))
    .map(([left, bottom, top]) => [left.toFixed(1), bottom.toFixed(1), top.toFixed(1)] as const);
  if (ends.length === 0) return null;
  if (line.bars) {
    const path = ends.map(([left, bottom, top]) => `M${left} ${bottom}V${top}`).join("");
    return markup`<path d="${path}" stroke="${color}"/>`;
  }
  const edge = [
    ...ends.map(([left, , top]) => `${left} ${top}`),
    ...ends.toReversed().map(([left, bottom]) => `${left} ${bottom}`),
  ];
  return markup`<path d="M${edge.join("L")}Z" fill="${color}" fill-opacity="0.12"/>`;
}

function drawn(line: Line, x: Scale, y: Scale): Markup {
  const points = line.x.map((value, index) => [x.at(value), y.at(line.y[index]!)] as const)
    .filter(([, height]) => Number.isFinite(height));
  const color = colorOf(line);
  if (line.style === "crosses") {
    return markup`${points.map(([left, top]) => text(left, top + 4, "×", "middle", color))}`;
  }
  const path = points.map(([left, top], index) => {
    const corner = line.style === "steps" && index > 0 ? `H${left.toFixed(1)}` : "";
    return `${index === 0 ? "M" : `${corner}L`}${left.toFixed(1)} ${top.toFixed(1)}`;
  }).join("");
  return markup`<path d="${path}" fill="none" stroke="${color}" stroke-width="2" stroke-dasharray="${
    seriesStyle(line.series).dashArray
  }"/>`;
}

/** A second axis over the plot, in units of `every` of the lower one. */
function aboveAxis({ title, every }: NonNullable<LineChart["above"]>, x: Scale): Markup {
  const [first, last] = x.ends.map((value) => value / every) as [number, number];
  return markup`${
    roundTicks(first, last, TICKS).map((tick) =>
      text(x.at(tick * every), PLOT.top - 6, short(tick), "middle")
    )
  }
${text((PLOT.left + PLOT.right) / 2, PLOT.top - 24, title, "middle")}`;
}

function mark(left: number, label: string): Markup {
  return markup`<line x1="${left}" x2="${left}" y1="${PLOT.top}" y2="${PLOT.bottom}" stroke="${LIGHT.muted}"
 stroke-dasharray="2 3"/>${text(left + 4, PLOT.top + 12, label, "start")}`;
}

function legend(line: Line, top: number): Markup {
  return markup`<line x1="${PLOT.left}" x2="${PLOT.left + 34}" y1="${top}" y2="${top}" stroke="${
    colorOf(line)
  }" stroke-width="3" stroke-dasharray="${seriesStyle(line.series).dashArray}"/>
${text(PLOT.left + 42, top + 4, shortened(line.label, LABEL_LENGTH), "start")}`;
}

/** The light theme's colour of a line's series. */
function colorOf({ series }: Line): string {
  return LIGHT.series[series % LIGHT.series.length]!;
}

function xTick(left: number, label: string): Markup {
  return markup`<line x1="${left}" x2="${left}" y1="${PLOT.top}" y2="${PLOT.bottom}" stroke="${LIGHT.rule}"/>${
    text(left, PLOT.bottom + 16, label, "middle")
  }`;
}

function yTick(top: number, label: string): Markup {
  return markup`${rule(top, LIGHT.rule, "")}${text(PLOT.left - 6, top + 4, label, "end")}`;
}

function rule(top: number, color: string, dash: string): Markup {
  return markup`<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${top}" y2="${top}" stroke="${color}"
 stroke-dasharray="${dash}"/>`;
}

function text(left: number, top: number, content: string, anchor: string, color = LIGHT.ink): Markup {
  return markup`<text x="${left}" y="${top}" text-anchor="${anchor}" fill="${color}">${content}</text>`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
