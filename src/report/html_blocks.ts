import { assertNever } from "#lib/assert_never.ts";
import { chartTable } from "./chart_table.ts";
import { chartCsv } from "./csv.ts";
import { html, type Markup } from "./markup.ts";
import type { Block, Fact, Figure, ReportAnswer, Table } from "./model.ts";
import { swatch } from "./swatch.ts";

/** One block of a section as HTML. */
export function renderBlock(block: Block, series: readonly string[]): Markup {
  switch (block.kind) {
    case "text":
      return html`<p>${block.text}</p>`;
    case "command":
      return html`<pre class="command" tabindex="0"><code>${block.text}</code></pre>`;
    case "facts":
      return html`<dl class="facts">${block.facts.map(fact)}</dl>`;
    case "answers":
      return html`<ol class="answers">${block.answers.map(answer)}</ol>`;
    case "table":
      return table(block, series.length > 1);
    case "figure":
      return figure(block);
    default:
      return assertNever(block);
  }
}

function fact({ label, value }: Fact): Markup {
  return html`
    <div>
      <dt>${label}</dt>
      <dd>${value}</dd>
    </div>
  `;
}

/** Verdicts differ by mark and word, not by colour alone. */
const MARKS = { supported: "✓", contradicted: "✗", inconclusive: "?" } as const;

function answer({ question, hypothesis, verdict, finding, text }: ReportAnswer): Markup {
  return html`
    <li class="answer">
      <h3>${question}</h3>
      <p
        class="verdict ${verdict}"><span class="badge"><span aria-hidden="true">${MARKS[
          verdict
        ]}</span> ${verdict}</span>
    <span class="finding">${finding}</span></p>
      <p>${text}</p>
      <p class="expected"><span>Expected before the runs:</span> ${hypothesis}</p>
    </li>
  `;
}

function table({ caption, columns, rows, note }: Table, swatches: boolean): Markup {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <table>
        <caption>${caption}</caption>
        <thead>
          <tr>${columns.map(({ label, align }) => html`<th scope="col" class="${align}">${label}</th>`)}</tr>
        </thead>
        <tbody>${rows.map(({ series, cells }) =>
          html`<tr>${
            cells.map((text, index) => {
              const mark = index === 0 && swatches && series !== null ? swatch(series) : null;
              return index === 0
                ? html`<th scope="row" class="${columns[0]!.align}">${mark}${text}</th>`
                : html`<td class="${columns[index]!.align}">${text}</td>`;
            })
          }</tr>\n`
        )}</tbody>
      </table>
    </div>
    ${note === "" ? null : html`<p class="note">${note}</p>`}
  `;
}

function figure({ id, title, caption, alt, chart }: Figure): Markup {
  const href = `data:text/csv;charset=utf-8,${encodeURIComponent(chartCsv(chart))}`;
  return html`
    <figure id="${id}" aria-labelledby="${id}-title">
      <h3 id="${id}-title">${title}</h3>
      <div class="plot" id="${id}-plot" role="group" aria-label="${alt}"></div>
      <figcaption>${caption}</figcaption>
      <details><summary>The figures as a table</summary>
    ${table(chartTable(chart, title), false)}
    <p><a download="${id}.csv" href="${href}">Download as CSV</a></p>
      </details>
    </figure>
  `;
}
