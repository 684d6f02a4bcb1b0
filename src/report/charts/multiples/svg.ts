import { shortenedWithin } from "../../format/text.ts";
import { type Markup, markup } from "../../render/markup.ts";
import type { Axis } from "../axis.ts";
import type { Line } from "../lines/chart.ts";
import { LIGHT } from "../palette.ts";
import { type Scale, scaleOf } from "../scale.ts";
import type { MultiplesChart, Panel } from "./chart.ts";

/** Columns of panels, a panel's size, and its parts from the top down, in user units. */
const COLUMNS = 3;
const [WIDTH, HEIGHT] = [240, 210];
const PLOT = { left: 46, right: WIDTH - 10, upper: [26, 66], lower: [78, 180] } as const;

/** The panels as a still picture, for viewers of notebooks that know no Plotly. */
export function multiplesSvg(chart: MultiplesChart, alt: string): Markup {
  const { panels } = chart;
  const columns = Math.min(COLUMNS, Math.max(1, panels.length));
  const rows = Math.ceil(panels.length / columns);
  const along = panels.flatMap(({ upper, lower }) => [...upper.x, ...lower.x]);
  const x = scaleOf(chart.x, along, { range: [PLOT.left, PLOT.right], count: 3 });
  const upright = (axis: Axis, of: (panel: Panel) => Line, [top, bottom]: readonly [number, number]) =>
    scaleOf(axis, panels.map(of).flatMap(({ y, band }) => [...y, ...band?.low ?? [], ...band?.high ?? []]), {
      range: [bottom, top],
      margin: 0.05,
      count: 3,
    });
  const upper = upright(chart.upper, (panel) => panel.upper, PLOT.upper);
  const lower = upright(chart.lower, (panel) => panel.lower, PLOT.lower);
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${columns * WIDTH} ${
    rows * HEIGHT
  }" width="${
    columns * WIDTH
  }" role="img" aria-label="${alt}" font-family="sans-serif" font-size="11" style="background: ${LIGHT.paper}">
${
    panels.map((panel, index) =>
      markup`<g transform="translate(${(index % columns) * WIDTH} ${Math.floor(index / columns) * HEIGHT})">
<text x="${PLOT.left}" y="16" font-weight="bold" fill="${LIGHT.ink}">${
        shortenedWithin(panel.label, 28)
      }</text>
${[ticks(upper), ticks(lower)]}
${x.ticks.map((tick) => text(x.at(tick), PLOT.lower[1] + 14, tick, "middle"))}
${[drawn(panel.upper, x, upper), drawn(panel.lower, x, lower)]}</g>
`
    )
  }</svg>`;
}

function ticks(scale: Scale): Markup[] {
  return scale.ticks.map((tick) =>
    markup`<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${scale.at(tick)}" y2="${
      scale.at(tick)
    }" stroke="${LIGHT.rule}"/>${text(PLOT.left - 5, scale.at(tick) + 4, tick, "end")}`
  );
}

function drawn({ series, x: along, y: values, band, style }: Line, x: Scale, y: Scale): Markup {
  const color = LIGHT.series[series % LIGHT.series.length]!;
  const points = along.map((value, index) => [x.at(value), y.at(values[index]!)] as const)
    .filter((point) => point.every(Number.isFinite));
  const path = points.map(([left, top], index) =>
    `${index === 0 ? "M" : style === "steps" ? `H${left.toFixed(1)}L` : "L"}${left.toFixed(1)} ${
      top.toFixed(1)
    }`
  ).join("");
  const edge = band === null ? [] : [
    ...along.map((value, index) => [x.at(value), y.at(band.high[index]!)] as const),
    ...along.map((value, index) => [x.at(value), y.at(band.low[index]!)] as const).toReversed(),
  ].filter((point) => point.every(Number.isFinite));
  const area = edge.map((point) => point.map((place) => place.toFixed(1)).join(" ")).join("L");
  return markup`${area === "" ? null : markup`<path d="M${area}Z" fill="${color}" fill-opacity="0.15"/>`}${
    path === "" ? null : markup`<path d="${path}" fill="none" stroke="${color}" stroke-width="2"/>`
  }`;
}

function text(left: number, top: number, value: number, anchor: string): Markup {
  return markup`<text x="${left}" y="${top}" text-anchor="${anchor}" fill="${LIGHT.ink}">${
    String(Number(value.toPrecision(3)))
  }</text>`;
}
