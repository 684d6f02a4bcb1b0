import { assertNever } from "#lib/assert_never.ts";
import { renderBlock } from "#report/render/html_blocks.ts";
import { type Markup, markup } from "#report/render/markup.ts";
import type { Block, Figure } from "#report/model.ts";
import type { Table } from "#report/table.ts";
import { LIGHT } from "#report/charts/palette.ts";
import { kindOf } from "#report/charts/registry.ts";
import { VERDICTS } from "#report/format/text.ts";
import { verdictCounts } from "#report/sections/overview/strip.ts";
import { painted } from "#report/render/painted.ts";

/** One output of a cell, by MIME type: a viewer takes the richest that it knows. */
export type MimeBundle = Readonly<Record<string, unknown>>;

export const PLOTLY_MIME = "application/vnd.plotly.v1+json";

/** Shows outputs below the cell that is running. @throws {Error} outside a notebook. */
export async function display(bundles: readonly MimeBundle[]): Promise<void> {
  if (!Deno.jupyter) throw new Error("Cannot show this here: it is no cell of a notebook on the Deno kernel");
  for (const bundle of bundles) await Deno.jupyter.display(bundle, { raw: true });
}

/** A block of a report as a cell's output; figures for Plotly, with a still picture or a table as HTML. */
export function bundleOf(block: Block): MimeBundle {
  const html = block.kind === "figure"
    ? figureHtml(block)
    : block.kind === "interactive"
    ? markup`${block.still.map((inner) => renderBlock(inner, []))}`
    : markup`${aligned(block)}${renderBlock(unlinked(block), [])}`;
  return {
    ...(block.kind === "figure" && { [PLOTLY_MIME]: plotlyJson(block) }),
    "text/html": html.text,
    "text/plain": plainText(block),
  };
}

/** Jupyter sets all cells of tables to the right, would number the chips, and smooths pictures that it enlarges. */
function aligned({ kind }: Block): Markup | null {
  if (kind === "pictures") {
    return markup`<style>.pictures img { image-rendering: pixelated; display: block; }
.pictures .legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0 1em; }</style>`;
  }
  if (kind === "strip") return markup`<style>.chips { list-style: none; padding: 0; }</style>`;
  return kind === "table" ? markup`<style>table .left { text-align: left !important; }</style>` : null;
}

/** Chips of a notebook lead nowhere: the answers in full are in another cell. */
function unlinked(block: Block): Block {
  return block.kind === "strip" ? { ...block, section: null } : block;
}

function figureHtml({ id, title, caption, alt, chart }: Figure): Markup {
  const kind = kindOf(chart);
  const picture = kind.still?.(chart, alt) ?? renderBlock({ ...kind.table(chart, title), note: "" }, []);
  return markup`<figure id="${id}"><h4>${title}</h4>${picture}<figcaption>${caption}</figcaption></figure>`;
}

function plotlyJson({ title, chart }: Figure) {
  const { data, layout } = kindOf(chart).plotly(chart);
  const titled = {
    ...layout,
    title: { text: title, font: { size: 16 }, y: 1, yanchor: "top", pad: { t: 16 } },
    // The title stands above the second axis and its own title.
    margin: { l: 64, r: 16, t: chart.kind === "lines" && chart.above ? 96 : 64, b: 48 },
  };
  return {
    data: painted([...data], LIGHT),
    layout: painted(titled, LIGHT),
    config: { displaylogo: false, responsive: true },
  };
}

function plainText(block: Block): string {
  switch (block.kind) {
    case "text":
    case "command":
      return block.text;
    case "facts":
      return block.facts.map(({ label, value }) => `${label}: ${value}`).join("\n");
    case "strip":
      return [
        verdictCounts(block.answers),
        ...block.answers.map(({ question, verdict }) => `${VERDICTS[verdict]}: ${question}`),
      ].join("\n");
    case "answers":
      return block.answers.map(({ question, verdict, finding, text }) =>
        `${question}\n  ${VERDICTS[verdict]}: ${finding}\n  ${text}`
      ).join("\n");
    case "table":
      return tableText(block);
    case "figure":
      return `${block.title}. ${block.alt}`;
    case "pictures":
      return block.line;
    case "interactive":
      return [block.title, ...block.still.map(plainText)].join("\n");
    default:
      return assertNever(block);
  }
}

function tableText({ caption, columns, rows }: Table): string {
  return [
    caption,
    columns.map(({ label }) => label).join(" | "),
    ...rows.map(({ cells }) => cells.join(" | ")),
  ]
    .join("\n");
}
