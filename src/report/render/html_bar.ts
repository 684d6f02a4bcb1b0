import type { Attributes, PlotlyFigure } from "../charts/plotly_layout.ts";
import type { AnyChart } from "../charts/kind.ts";
import type { Report } from "../model.ts";
import { type Markup, markup, trusted } from "./markup.ts";
import { swatch } from "./swatch.ts";

/** A switch for each series, which is the legend of all charts, and the tools. Stays in sight on wide screens. */
export function bar(
  { series }: Report<AnyChart>,
  figures: readonly Pick<PlotlyFigure, "data">[],
  isLive: boolean,
): Markup {
  const switches = series.map((name, index) =>
    markup`<label class="switch" data-of="${index}"><input type="checkbox" checked data-series="${index}">${
      swatch(index)
    }
<span class="name" title="${name}">${name}</span></label>`
  );
  // Without a second series there is nothing to switch.
  const hidden = trusted(series.length < 2 ? "hidden" : "");
  const parts = new Set(figures.flatMap(({ data }) => data.map(partOf)));
  return markup`<div class="bar">
<fieldset class="switches" ${hidden}><legend>Show</legend>${switches}</fieldset>
<div class="tools">
${
    isLive || parts.has("seed")
      ? markup`<label class="tool"><input type="checkbox" id="seeds"> Single seeds</label>
<label class="tool">Smoothing <input type="range" id="smoothing" min="0" max="20" step="1" value="0">
<output id="smoothed" for="smoothing">none</output></label>`
      : null
  }
<button type="button" class="theme" id="theme" hidden>Theme: auto</button>
</div>
</div>`;
}

function partOf({ meta }: Attributes): unknown {
  return (meta as Attributes | undefined)?.["part"];
}
