import { type Markup, markup } from "./markup.ts";
import { seriesStyle } from "../charts/palette.ts";

/** A short piece of the series' line, as the charts draw it. */
export function swatch(index: number): Markup {
  const { color, dashArray } = seriesStyle(index);
  return markup`<svg class="swatch ${
    color.slice(1)
  }" width="34" height="10" aria-hidden="true" focusable="false">
<line x1="1" x2="33" y1="5" y2="5" stroke-width="3" stroke-dasharray="${dashArray}"></line></svg>`;
}
