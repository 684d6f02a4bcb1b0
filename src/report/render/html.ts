import { type Markup, markup, trusted } from "./markup.ts";
import { checkedScript, contentPolicy } from "../page/content_policy.ts";
import { renderBlock } from "./html_blocks.ts";
import type { Block, Figure, Notice, Report, Section } from "../model.ts";
import { customProperties, DARK, LIGHT } from "../charts/palette.ts";
import type { AnyChart, ChartKind } from "../charts/kind.ts";
import { CHART_KINDS, kindOf } from "../charts/registry.ts";
import { swatch } from "./swatch.ts";
import { inlineJson } from "../format/text.ts";

/** The page's own files as text; `assets.ts` has them. */
export interface PageAssets {
  readonly css: string;
  readonly client: string;
  readonly plotly: string;
}

/**
 * One HTML file that opens offline and asks the network for nothing: scripts, styles and data are inlined, and its
 * Content-Security-Policy allows only these very scripts and styles, named by their digests.
 *
 * @throws {TypeError} where a script would end its own element early, or where two figures or sections share an id.
 */
export async function renderPage(
  report: Report<AnyChart>,
  assets: PageAssets,
  kinds: readonly ChartKind[] = CHART_KINDS,
): Promise<string> {
  checkIds(report);
  const css = themedCss(assets.css);
  const figures = report.sections.flatMap(figuresOf).map(({ id, chart }) => ({
    id,
    ...kindOf(chart, kinds).plotly(chart),
  }));
  const scripts = figures.length === 0 ? [assets.client] : [assets.plotly, assets.client];
  return markup`<!doctype html>
<html lang="en" data-theme="auto">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${await contentPolicy(scripts, css)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="LR Lab">
<title>${report.title} – ${report.eyebrow}</title>
<link rel="icon" href="data:,">
<style>${trusted(css)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
${bar(report)}
<main id="main" tabindex="-1">
${heading(report)}
${figures.length === 0 ? null : NEEDS_SCRIPT}
${report.sections.map((section) => renderSection(section, report.series, kinds))}
</main>
<script type="application/json" id="figures">${trusted(inlineJson(figures))}</script>
${scripts.map((text) => markup`<script>${trusted(checkedScript(text))}</script>\n`)}
</body>
</html>
`.text;
}

const NEEDS_SCRIPT =
  markup`<noscript><p class="notice">The charts need JavaScript. Without it, a table of the \
numbers replaces each chart.</p></noscript>`;

/** Navigation, a switch for each series, and one for the theme. Stays in sight on wide screens. */
function bar({ sections, series }: Report<AnyChart>): Markup {
  const links = sections.map(({ id, title }) => markup`<a href="#${id}">${title}</a>`);
  const switches = series.map((name, index) =>
    markup`<label class="switch"><input type="checkbox" checked data-series="${index}">${swatch(index)}
<span class="name" title="${name}">${name}</span></label>`
  );
  // Without a second series there is nothing to switch.
  const hidden = trusted(series.length < 2 ? "hidden" : "");
  return markup`<div class="bar">
<nav aria-label="Sections">${links}</nav>
<fieldset class="switches" ${hidden}><legend>Show</legend>${switches}</fieldset>
<button type="button" class="theme" id="theme" hidden>Theme: auto</button>
</div>`;
}

function heading({ eyebrow, title, summary, notices }: Report<AnyChart>): Markup {
  return markup`<header class="head">
<p class="eyebrow">${eyebrow}</p>
<h1>${title}</h1>
${summary === "" ? null : markup`<p class="summary">${summary}</p>`}
${notices.map(noticeMarkup)}
</header>`;
}

function noticeMarkup({ kind, text }: Notice): Markup {
  const label = kind === "partial" ? "Partial report." : "Note.";
  return markup`<p class="notice ${kind}" role="note"><strong>${label}</strong> ${text}</p>\n`;
}

function renderSection(
  { id, title, blocks }: Section<AnyChart>,
  series: readonly string[],
  kinds: readonly ChartKind[],
): Markup {
  const groups = grouped(blocks).map((group) => {
    const rendered = group.map((block) => renderBlock(block, series, kinds));
    return group.length > 1 ? markup`<div class="pair">${rendered}</div>` : rendered;
  });
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${groups}
</section>
`;
}

/** Each block alone, but neighbouring figures, and neighbouring tables, of half the width together. */
function grouped(blocks: readonly Block<AnyChart>[]): Block<AnyChart>[][] {
  const isHalf = (block: Block<AnyChart>) => "width" in block && block.width === "half";
  const groups: Block<AnyChart>[][] = [];
  for (const block of blocks) {
    const last = groups.at(-1);
    if (last && isHalf(block) && isHalf(last[0]!) && last[0]!.kind === block.kind) last.push(block);
    else groups.push([block]);
  }
  return groups;
}

function figuresOf({ blocks }: Section<AnyChart>): Figure<AnyChart>[] {
  return blocks.filter((block) => block.kind === "figure");
}

function themedCss(css: string): string {
  const dark = customProperties(DARK);
  const strokes = LIGHT.series.map((_, index) => `.series-${index} { stroke: var(--series-${index}); }`);
  return `:root { ${customProperties(LIGHT)} }
@media screen and (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${dark} } }
@media screen { :root[data-theme="dark"] { ${dark} } }
${strokes.join("\n")}
${css}`;
}

function checkIds({ sections }: Report<AnyChart>): void {
  const seen = new Set<string>(["main", "figures", "theme"]);
  for (
    const id of sections.flatMap((section) => [
      section.id,
      ...figuresOf(section).map((figure) => figure.id),
    ])
  ) {
    if (!/^[a-z][a-z0-9-]*$/.test(id) || seen.has(id)) {
      throw new TypeError(
        `Cannot use the id ${JSON.stringify(id)}: it must be unique, of a-z, 0-9 and hyphens`,
      );
    }
    seen.add(id);
  }
}
