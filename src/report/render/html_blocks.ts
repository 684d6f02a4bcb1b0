import { assertNever } from "#lib/assert_never.ts";
import type { AnyChart, ChartKind } from "../charts/kind.ts";
import { CHART_KINDS, kindOf } from "../charts/registry.ts";
import { type Markup, markup, trusted } from "./markup.ts";
import type { Block, Fact, Figure, Interactive, ReportAnswer, Strip } from "../model.ts";
import type { Row, Table } from "../table.ts";
import { picturesHtml } from "./html_pictures.ts";
import { swatch } from "./swatch.ts";
import { verdictCounts } from "../sections/overview/strip.ts";
import { capitalized, exactJson, expectedWord, VERDICTS } from "../format/text.ts";

/** One block of a section as HTML. */
export function renderBlock(
  block: Block<AnyChart>,
  series: readonly string[],
  kinds: readonly ChartKind[] = CHART_KINDS,
): Markup {
  switch (block.kind) {
    case "text":
      return markup`<p>${block.text}</p>`;
    case "command":
      return markup`<pre class="command" tabindex="0"><code>${block.text}</code></pre>`;
    case "facts":
      return markup`<dl class="facts">${block.facts.map(fact)}</dl>`;
    case "answers":
      return markup`<ol class="answers">${block.answers.map(answer)}</ol>`;
    case "strip":
      return strip(block);
    case "table":
      return table(block, series.length > 1);
    case "interactive":
      return interactive(block, series);
    case "pictures":
      return picturesHtml(block);
    case "figure":
      return figure(block, kindOf(block.chart, kinds));
    default:
      return assertNever(block);
  }
}

function fact({ label, value }: Fact): Markup {
  return markup`<div><dt>${label}</dt><dd>${value}</dd></div>`;
}

/** Verdicts differ by mark and word, not by colour alone. */
const MARKS = { supported: "✓", contradicted: "✗", equivalent: "≈", inconclusive: "?" } as const;

/** The expectation comes first: a verdict is about that, and read without it may seem to say the opposite. */
function answer(
  { question, hypothesis, verdict, finding, missing, text }: ReportAnswer,
  index: number,
): Markup {
  return markup`<li class="answer" id="${answerId(index)}" tabindex="-1">
<h3>${question}</h3>
<p class="expected"><span>Expected:</span> ${hypothesis}</p>
<p class="verdict ${verdict}">${badge(verdict)}
<span class="finding">${capitalized(finding)}</span></p>
<p>${text}${missing ? ` ${capitalized(missing)}.` : ""}</p>
</li>
`;
}

/** Anchor of an answer in full, to which its chip leads. */
const answerId = (index: number) => `answer-${index + 1}`;

function badge(verdict: ReportAnswer["verdict"]): Markup {
  return markup`<span class="badge"><span aria-hidden="true">${MARKS[verdict]}</span> ${
    VERDICTS[verdict]
  }</span>`;
}

/** A chip for each question; the counts stand before them. */
function strip({ answers, section }: Strip): Markup {
  const chips = answers.map((answer, index) => {
    const { question, hypothesis, verdict, finding } = answer;
    const expected = expectedWord(hypothesis);
    const content = markup`${badge(verdict)}${
      expected === null ? null : markup` <span class="expected">expected: ${expected}</span>`
    } <span class="asked">${question}</span>`;
    const title = `Expected: ${hypothesis} Found: ${finding}`;
    return markup`<li class="chip ${verdict}">${
      section === null
        ? markup`<span title="${title}">${content}</span>`
        : markup`<a href="#${answerId(index)}" title="${title}">${content}</a>`
    }</li>`;
  });
  return markup`<div class="verdicts"><h3>${verdictCounts(answers)}</h3>
<ol class="chips">${chips}</ol></div>`;
}

function table({ caption, columns, rows, note }: Table, swatches: boolean): Markup {
  const head = columns.map(({ label, align }) => markup`<th scope="col" class="${align}">${label}</th>`);
  return markup`<div><div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>${rows.map((one) => row(one, columns, swatches))}</tbody>
</table></div>
${note === "" ? null : markup`<p class="note">${note}</p>`}</div>`;
}

function row({ series, cells, href }: Row, columns: Table["columns"], swatches: boolean): Markup {
  const [first, ...rest] = cells;
  const name = href === undefined ? first! : markup`<a href="${href}">${first!}</a>`;
  const key = swatches && series !== null
    ? markup`<span class="keyed">${swatch(series)}<span>${name}</span></span>`
    : name;
  const others = rest.map((text, index) => markup`<td class="${columns[index + 1]!.align}">${text}</td>`);
  return markup`<tr><th scope="row" class="${columns[0]!.align}">${key}</th>${others}</tr>\n`;
}

/** The place of a program, with the data that it starts from; what stands there until the program has drawn. */
function interactive({ id, program, title, data, still }: Interactive, series: readonly string[]): Markup {
  return markup`<div id="${id}" class="interactive" data-program="${program}" role="group" aria-label="${title}">
<div class="still">${still.map((block) => renderBlock(block, series))}</div>
</div>
<script type="application/json" id="${id}-data">${trusted(exactJson(data))}</script>
`;
}

function figure({ id, title, caption, alt, chart }: Figure<AnyChart>, kind: ChartKind): Markup {
  const href = `data:text/csv;charset=utf-8,${encodeURIComponent(kind.csv(chart))}`;
  return markup`<figure id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${title}</h3>
<div class="plot" id="${id}-plot" role="group" aria-label="${alt}"></div>
${caption === "" ? null : markup`<figcaption>${caption}</figcaption>`}
<details open><summary>Show the numbers as a table</summary>
${table(kind.table(chart, title), false)}
<p><a download="${id}.csv" href="${href}">Download as CSV</a></p>
</details>
</figure>
`;
}
