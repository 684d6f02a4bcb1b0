import type { Figure } from "../model.ts";
import type { Theme } from "../charts/palette.ts";
import { kindOf } from "../charts/registry.ts";
import { type Attribute, FONT } from "../charts/plotly_layout.ts";
import { painted } from "./painted.ts";

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
  const { paper, ink, muted } = theme;
  return {
    id,
    title,
    caption,
    font: FONT,
    paper,
    ink,
    muted,
    data: painted([...data], theme),
    layout: painted(layout, theme),
    width: WIDTH[width],
    height: layout["height"] as number,
  };
}
