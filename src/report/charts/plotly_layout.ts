import type { Axis } from "./axis.ts";
import { compact } from "#lib/numbers.ts";
import { escapePlotly } from "../format/text.ts";

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
  /** Layouts for narrower figures, the narrowest first; the page takes the first that holds. Absent where one does. */
  readonly layouts?: readonly SizedLayout[];
}

/** A layout for figures of less than so many pixels. */
export interface SizedLayout {
  readonly below: number;
  readonly layout: Attributes;
}

/** Longer names are cut in charts; the tables have them whole. */
export const LABEL_LENGTH = 32;
export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** Layout that all charts share. */
export function baseLayout(height: number): Attributes {
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

/** An axis with a number scale; on a log scale, `values` decide how many ticks there is room for. */
export function axis({ title, scale, ticks }: Axis, values: readonly number[] = []): Attributes {
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
    ...(ticks ? { tickmode: "array", tickvals: ticks } : {}),
    ...(ticks && scale === "log"
      ? { ticktext: ticks.map((tick, i) => i % every(ticks) ? "" : compact(tick)) }
      : {}),
    ...(scale === "log" ? { tickformat: "~g", ...logTicks(values) } : { exponentformat: "none" }),
  };
}

/** More than five labels would not stand beside each other on a phone: then every second tick has one. */
function every(ticks: readonly number[]): number {
  return ticks.length > 5 ? 2 : 1;
}

/** Plotly's own choice writes labels over each other where values span one to three decades. */
function logTicks(values: readonly number[]): Attributes {
  const above = values.filter((value) => value > 0);
  const decades = Math.log10(Math.max(...above) / Math.min(...above));
  if (!(decades > 0.7)) return {};
  return { dtick: decades > 2.2 ? Math.ceil(decades / 8) : "D2" };
}

export function axisTitle(text: string, standoff = 8): Attributes {
  return { text: escapePlotly(text), standoff, font: { size: 13 } };
}

/** The format (as of d3) of a value where the chart prints one. */
export function hoverFormat({ decimals }: Axis): string {
  return decimals === "significant" ? ".3~g" : `,.${decimals}f`;
}
