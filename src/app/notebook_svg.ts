import { type Markup, markup } from "#report/markup.ts";
import type { Axis, Line, LineChart } from "#report/model.ts";
import { LIGHT, seriesStyle } from "#report/palette.ts";
import { LABEL_LENGTH } from "#report/plotly_layout.ts";
import { shortened } from "#report/text.ts";

/** The drawing's size and the place of its axes, in user units. */
const WIDTH = 720;
const HEIGHT = 340;
const PLOT = { left: 70, right: WIDTH - 16, top: 12, bottom: HEIGHT - 44 };
const LEGEND_LINE = 18;
const TICKS = 5;

interface Scale {
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** Lines as a still picture, for viewers of notebooks that know no Plotly. Bands are left out. */
export function lineSvg(chart: LineChart, alt: string): Markup {
  const x = scaleOf(chart.x, chart.lines.flatMap((line) => line.x), [PLOT.left, PLOT.right]);
  const y = scaleOf(chart.y, [
    ...chart.lines.flatMap((line) => line.y),
    ...chart.levels.map(({ value }) => value),
  ], [PLOT.bottom, PLOT.top]);
  // Where crosses belong to a curve of their series, the legend names that alone.
  const curves = new Set(chart.lines.filter(({ style }) => style !== "crosses").map(({ series }) => series));
  const named = chart.lines.filter(({ style, series }) => style !== "crosses" || !curves.has(series));
  const height = HEIGHT + LEGEND_LINE * named.length;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img"
 aria-label="${alt}" font-family="sans-serif" font-size="12" style="background: ${LIGHT.paper}">
${x.ticks.map((tick) => xTick(x.at(tick), short(tick)))}
${y.ticks.map((tick) => yTick(y.at(tick), short(tick)))}
${text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 36, chart.x.title, "middle")}
<g transform="rotate(-90 14 ${(PLOT.top + PLOT.bottom) / 2})">${
    text(14, (PLOT.top + PLOT.bottom) / 2, chart.y.title, "middle")
  }</g>
${chart.levels.map(({ value }) => rule(y.at(value), LIGHT.muted, "2 3"))}
${chart.lines.map((line) => drawn(line, x, y))}
${named.map((line, index) => legend(line, HEIGHT + LEGEND_LINE * index))}
</svg>`;
}

function scaleOf(
  { scale, ticks: wanted }: Axis,
  values: readonly number[],
  [from, to]: readonly [number, number],
): Scale {
  const isLog = scale === "log";
  const onScale = (value: number) => isLog ? Math.log10(value) : value;
  const found = values.map(onScale).filter(Number.isFinite);
  const low = found.reduce((least, value) => Math.min(least, value), Infinity);
  const high = found.reduce((most, value) => Math.max(most, value), -Infinity);
  const span = high > low ? high - low : 1;
  const within = wanted?.map(onScale).filter((tick) => tick >= low && tick <= high);
  const ticks = within ?? Array.from({ length: TICKS }, (_, index) => low + (index / (TICKS - 1)) * span);
  return {
    ticks: Number.isFinite(low) ? ticks.map((tick) => isLog ? 10 ** tick : tick) : [],
    at: (value) => from + ((onScale(value) - low) / span) * (to - from),
  };
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
