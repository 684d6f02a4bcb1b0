import type { Figure } from "../model.ts";
import { rolesOf, type Theme } from "../charts/palette.ts";
import { kindOf } from "../charts/registry.ts";
import { type Attribute, type Attributes, FONT } from "../charts/plotly_layout.ts";

/** A figure to be saved: what the page says around a plot stands above it. Lengths are CSS pixels. */
export interface Picture {
  /** The figure's id, and the name of its file. */
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly font: string;
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly data: Attribute;
  readonly layout: Attribute;
  readonly width: number;
  /** Of the plot alone, without title and caption. */
  readonly height: number;
}

const WIDTH = { full: 900, half: 640 } as const;

/** The figure in a theme's colours. */
export function pictureOf({ id, title, caption, width, chart }: Figure, theme: Theme): Picture {
  const { data, layout } = kindOf(chart).plotly(chart);
  const roles = rolesOf(theme);
  const { paper, ink, muted } = theme;
  return {
    id,
    title,
    caption,
    font: FONT,
    paper,
    ink,
    muted,
    data: painted(data, roles),
    layout: painted(layout, roles),
    width: WIDTH[width],
    height: layout["height"] as number,
  };
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
