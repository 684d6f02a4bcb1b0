import { type Markup, markup, trusted } from "./markup.ts";
import { checkedScript, contentPolicy } from "../page/content_policy.ts";
import { figureData } from "./figure_data.ts";
import { bar } from "./html_bar.ts";
import { renderBlock } from "./html_blocks.ts";
import {
  type Block,
  figuresOf,
  interactivesOf,
  type Notice,
  picturesOf,
  type Program,
  type Report,
  type Section,
} from "../model.ts";
import { counted } from "#lib/numbers.ts";
import { customProperties, DARK, LIGHT } from "../charts/palette.ts";
import type { AnyChart, ChartKind } from "../charts/kind.ts";
import { CHART_KINDS } from "../charts/registry.ts";
import { inlineJson } from "../format/text.ts";

/** The page's own files as text; `assets.ts` has them. */
export interface PageAssets {
  readonly css: string;
  readonly client: string;
  readonly plotly: string;
  /** Script and style of a page that grows while it is open; absent for a report. */
  readonly live?: { readonly client: string; readonly css: string };
  /** Scripts of the parts that move, and the style of them all; absent where no report has such a part. */
  readonly programs?: { readonly scripts: Readonly<Record<Program, string>>; readonly css: string };
}

/**
 * One HTML file that opens offline and asks the network for nothing: scripts, styles and data are inlined, and its
 * Content-Security-Policy allows only these very scripts and styles, named by their digests.
 *
 * @throws {TypeError} where a script would end its own element early, where two figures or sections share an id, or
 * where an interactive part lacks its program.
 */
export async function renderPage(
  report: Report<AnyChart>,
  assets: PageAssets,
  kinds: readonly ChartKind[] = CHART_KINDS,
): Promise<string> {
  checkIds(report);
  const { live } = assets;
  const programs = programsOf(report, assets);
  const css = themedCss(assets.css + (live?.css ?? "") + (programs?.css ?? ""));
  const figures = figureData(report, kinds);
  const needsPlotly = live !== undefined || figures.length > 0;
  const scripts = [
    ...needsPlotly ? [assets.plotly] : [],
    assets.client,
    ...live ? [live.client] : [],
    ...programs?.scripts ?? [],
  ];
  return markup`<!doctype html>
<html lang="en" data-theme="auto">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${await contentPolicy(scripts, css, live !== undefined)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="LR Lab">
<title>${report.title} – ${report.eyebrow}</title>
<link rel="icon" href="data:,">
<style>${trusted(css)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
${bar(report, figures, live !== undefined)}
<main id="main" tabindex="-1">
${live ? LIVE_STATUS : null}
${heading(report)}
${figures.length === 0 ? null : NEEDS_SCRIPT}
${overview(report, kinds)}
${report.sections.map((section) => renderSection(section, report, kinds))}
</main>
<script type="application/json" id="figures">${trusted(inlineJson(figures))}</script>
${scripts.map((text) => markup`<script>${trusted(checkedScript(text))}</script>\n`)}
</body>
</html>
`.text;
}

/** Scripts and style of the parts that move; `null` for a report that has none. */
function programsOf(report: Report<AnyChart>, { programs }: PageAssets) {
  const named = [...new Set(interactivesOf(report).map(({ program }) => program))];
  if (named.length === 0) return null;
  if (programs === undefined) throw new TypeError(`Cannot render a page without its program ${named[0]}`);
  return { css: programs.css, scripts: named.map((name) => programs.scripts[name]) };
}

/** The study's progress, and the button that stops it: shown by the script to whoever may press it. */
const LIVE_STATUS =
  markup`<div class="live"><progress id="live-bar" max="1" value="0" aria-label="Steps done"></progress>
<p id="live-text" role="status">Waiting for the first step …</p>
<button type="button" id="live-stop" hidden>Stop and save</button></div>`;

const NEEDS_SCRIPT =
  markup`<noscript><p class="notice">The charts need JavaScript. Without it, a table of the \
numbers replaces each chart.</p></noscript>`;

export function heading({ eyebrow, title, summary, notices, overview }: Report<AnyChart>): Markup {
  // Below a first screen that marks what went wrong, caveats wait in the order of their importance.
  const [first, rest] = overview.length === 0
    ? [notices, []]
    : [notices.filter(({ kind }) => kind === "partial"), notices.filter(({ kind }) => kind !== "partial")];
  return markup`<header class="head">
<p class="eyebrow">${eyebrow}</p>
<h1>${title}</h1>
${summary === "" ? null : markup`<p class="summary">${summary}</p>`}
${first.map(noticeMarkup)}
${
    rest.length === 0
      ? null
      : markup`<details class="notes"><summary>${counted(rest.length, "note")}</summary>${
        rest.map(noticeMarkup)
      }</details>`
  }
</header>`;
}

/** The first screen: wide figures one after the other, then the narrower blocks side by side where there is room. */
export function overview(
  { overview: blocks, series }: Report<AnyChart>,
  kinds: readonly ChartKind[],
): Markup | null {
  if (blocks.length === 0) return null;
  const isWide = (block: Block<AnyChart>) =>
    block.kind === "interactive" || (block.kind === "figure" && block.width === "full");
  const drawn = (some: readonly Block<AnyChart>[]) => some.map((block) => renderBlock(block, series, kinds));
  return markup`<div class="overview" id="overview">
${drawn(blocks.filter(isWide))}
<div class="beside">${drawn(blocks.filter((block) => !isWide(block)))}</div>
</div>`;
}

function noticeMarkup({ kind, text }: Notice): Markup {
  const label = kind === "partial" ? "Partial report." : "Note.";
  return markup`<p class="notice ${kind}" role="note"><strong>${label}</strong> ${text}</p>\n`;
}

/** A section; folded where there is a first screen above it. */
function renderSection(
  { id, title, blocks }: Section<AnyChart>,
  { series, overview }: Report<AnyChart>,
  kinds: readonly ChartKind[],
): Markup {
  const groups = grouped(blocks).map((group) => {
    const rendered = group.map((block) => renderBlock(block, series, kinds));
    return group.length > 1 ? markup`<div class="pair">${rendered}</div>` : rendered;
  });
  const head = markup`<h2 id="${id}-title">${title}</h2>`;
  return markup`<section id="${id}" aria-labelledby="${id}-title">
${
    overview.length === 0 ? [head, ...groups] : markup`<details class="fold"><summary>${head}</summary>
${groups}</details>`
  }
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

function themedCss(css: string): string {
  const dark = customProperties(DARK);
  const strokes = LIGHT.series.map((_, index) => `.series-${index} { stroke: var(--series-${index}); }`);
  return `:root { ${customProperties(LIGHT)} }
@media screen and (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${dark} } }
@media screen { :root[data-theme="dark"] { ${dark} } }
${strokes.join("\n")}
${css}`;
}

function checkIds(report: Report<AnyChart>): void {
  const seen = new Set<string>(OWN_IDS);
  const ids = [...report.sections, ...figuresOf(report), ...picturesOf(report), ...interactivesOf(report)]
    .map(({ id }) => id);
  for (const id of ids) {
    if (!/^[a-z][a-z0-9-]*$/.test(id) || seen.has(id)) {
      throw new TypeError(
        `Cannot use the id ${JSON.stringify(id)}: it must be unique, of a-z, 0-9 and hyphens`,
      );
    }
    seen.add(id);
  }
}

/** Ids of the page's own parts. */
const OWN_IDS = [
  "main",
  "figures",
  "theme",
  "seeds",
  "smoothing",
  "smoothed",
  "overview",
  "live-bar",
  "live-text",
  "live-stop",
  "live-masks",
];
