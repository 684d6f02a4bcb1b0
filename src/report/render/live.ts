import type { Block, Figure, Report } from "../model.ts";
import { figureData } from "./figure_data.ts";
import { heading } from "./html.ts";
import { renderBlock } from "./html_blocks.ts";
import { type Markup, markup } from "./markup.ts";

/** A first screen for a page that is open: what replaces its head and its overview, and what is drawn in them. */
export interface LiveScreen {
  readonly title: string;
  /** HTML, every text in it escaped. */
  readonly head: string;
  readonly overview: string;
  readonly figures: ReturnType<typeof figureData>;
}

/**
 * Figures without their tables and CSV: those are rendered once, in the report, and not every second.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { renderScreen } from "#report/render/live.ts";
 *
 * const report = { eyebrow: "", title: "a < b", summary: "", notices: [], series: [], overview: [], sections: [] };
 * assert.match(renderScreen(report).head, /a &#60; b/);
 * ```
 */
export function renderScreen(report: Report): LiveScreen {
  const { title, eyebrow, series, overview } = report;
  const isWide = (block: Block) => block.kind === "figure" && block.width === "full";
  const drawn = (blocks: readonly Block[]) =>
    blocks.map((block) => block.kind === "figure" ? bareFigure(block) : renderBlock(block, series));
  return {
    title: `${title} – ${eyebrow}`,
    head: heading(report).text,
    overview:
      markup`${drawn(overview.filter(isWide))}<div class="beside">${
        drawn(overview.filter((block) => !isWide(block)))
      }</div>`.text,
    figures: figureData(report),
  };
}

function bareFigure({ id, title, caption, alt }: Figure): Markup {
  return markup`<figure id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${title}</h3>
<div class="plot" id="${id}-plot" role="group" aria-label="${alt}"></div>
${caption === "" ? null : markup`<figcaption>${caption}</figcaption>`}
</figure>
`;
}
