import type { Figure } from "./model.ts";
import { rolesOf, type Theme } from "./palette.ts";
import { toPlotly } from "./plotly.ts";
import type { Attribute, Attributes } from "./plotly_layout.ts";
import { escapePlotly } from "./text.ts";

/** A figure to be saved: all that the page says around a plot is in it. */
export interface Picture {
  /** The figure's id, and the name of its file. */
  readonly id: string;
  readonly data: Attribute;
  readonly layout: Attribute;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

const WIDTH = { full: 900, half: 640 } as const;
const SIDE = 20;
const TITLE = { size: 18, line: 24, characterWidth: 10 };
const CAPTION = { size: 12, line: 17, characterWidth: 6.2 };

/** The figure in a theme's colours, with its title and caption above the plot. */
export function pictureOf({ id, title, caption, width: half, chart }: Figure, theme: Theme): Picture {
  const width = WIDTH[half];
  const { data, layout } = toPlotly(chart);
  const lines = {
    title: wrapped(title, (width - 2 * SIDE) / TITLE.characterWidth),
    caption: wrapped(caption, (width - 2 * SIDE) / CAPTION.characterWidth),
  };
  const head = SIDE + TITLE.line * lines.title.length + CAPTION.line * lines.caption.length;
  // A heatmap's colour bar stands in the margin between title and plot.
  const above = chart.kind === "heatmap" ? 72 : 16;
  const margin = layout["margin"] as { readonly t: number };
  const height = (layout["height"] as number) + head + above;
  const headed = {
    ...layout,
    autosize: false,
    width,
    height,
    margin: { ...margin, t: margin.t + head + above, r: SIDE + 8 },
    title: {
      text: headText(lines.title, "b"),
      font: { size: TITLE.size, color: "@ink" },
      subtitle: { text: headText(lines.caption), font: { size: CAPTION.size, color: "@muted" } },
      xref: "container",
      x: SIDE / width,
      xanchor: "left",
      yref: "container",
      y: 1 - SIDE / height,
      yanchor: "top",
    },
  };
  const roles = rolesOf(theme);
  return { id, data: painted(data, roles), layout: painted(headed, roles), width, height };
}

function headText(lines: readonly string[], tag?: "b"): string {
  const texts = lines.map(escapePlotly);
  return (tag === undefined ? texts : texts.map((text) => `<${tag}>${text}</${tag}>`)).join("<br>");
}

/** Lines of at most `length` characters, broken at spaces; a longer word has a line of its own. */
function wrapped(text: string, length: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").filter((part) => part !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && Array.from(`${last} ${word}`).length <= length) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** A copy in which every `@role` and `@role/opacity` is a colour, as the page's own script makes it. */
function painted(value: Attribute, roles: ReadonlyMap<string, string>): Attribute {
  if (typeof value === "string") return colorOf(value, roles);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return (value as readonly Attribute[]).map((inner) => painted(inner, roles));
  return Object.fromEntries(
    Object.entries(value as Attributes).map(([name, inner]) => [name, painted(inner, roles)]),
  );
}

function colorOf(text: string, roles: ReadonlyMap<string, string>): string {
  const [, role, opacity] = /^@([a-z-]+(?:-\d+)?)(?:\/([\d.]+))?$/.exec(text) ?? [];
  const color = role === undefined ? undefined : roles.get(role);
  if (color === undefined) return text;
  if (opacity === undefined) return color;
  return color + Math.round(255 * Number(opacity)).toString(16).padStart(2, "0");
}
