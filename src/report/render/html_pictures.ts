import { capitalized } from "../format/text.ts";
import type { Legend, LegendEntry, Picture, Pictures } from "../model.ts";
import { type Markup, markup } from "./markup.ts";
import { pngAddress } from "./png.ts";

/** Width of a picture on a wide screen, in CSS pixels: the largest whole multiple of its own that is not wider. */
const MOST_WIDTH = 96;

/** Pictures in a table, so that row and column of each are read out with it. */
export function picturesHtml({ id, title, caption, legends, columns, rows }: Pictures): Markup {
  const head = columns.map((column) => markup`<th scope="col">${column}</th>`);
  const body = rows.map(({ label, pictures }) =>
    markup`<tr><th scope="row">${label}</th>${
      pictures.map((picture) => markup`<td>${pictureHtml(picture)}</td>`)
    }</tr>\n`
  );
  return markup`<figure id="${id}" class="pictures" aria-labelledby="${id}-title">
<h3 id="${id}-title">${title}</h3>
${legends.map(legendHtml)}
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr><td></td>${head}</tr></thead>
<tbody>${body}</tbody>
</table></div>
${caption === "" ? null : markup`<figcaption>${caption}</figcaption>`}
</figure>
`;
}

function pictureHtml(picture: Picture): Markup {
  const { width, height, alt, note } = picture;
  const shown = width >= MOST_WIDTH ? MOST_WIDTH : width * Math.floor(MOST_WIDTH / width);
  return markup`<img src="${pngAddress(picture)}" width="${shown}" height="${
    Math.round(shown * height / width)
  }" alt="${alt}">${note === "" ? null : markup`<span class="note">${note}</span>`}`;
}

function legendHtml({ of, entries }: Legend): Markup {
  return markup`<ul class="legend" aria-label="Colours of ${of}"><li class="of" aria-hidden="true">${
    capitalized(of)
  }:</li>${entries.map(entryHtml)}</ul>
`;
}

function entryHtml({ name, color }: LegendEntry): Markup {
  return markup`<li><svg width="14" height="14" aria-hidden="true" focusable="false">
<rect class="key" x="0.5" y="0.5" width="13" height="13" rx="2" fill="${color}"></rect></svg> ${name}</li>`;
}
