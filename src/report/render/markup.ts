import { escapeHtml } from "../format/text.ts";

/** Text that is HTML already. Only {@link markup} and {@link trusted} make it. */
export class Markup {
  constructor(readonly text: string) {}
}

type Insertable = Markup | string | number | null | readonly Insertable[];

/**
 * HTML by template: what is inserted is escaped unless it is markup itself, lists are joined, `null` is left out.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { markup } from "./markup.ts";
 * assert.equal(markup`<p>${"a < b"}${markup`<br>`}</p>`.text, "<p>a &#60; b<br></p>");
 * ```
 */
export function markup(parts: TemplateStringsArray, ...inserted: readonly Insertable[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + render(inserted[index - 1] ?? null) + part));
}

/** Marks text as HTML that the program wrote itself; never for text from a spec or from data. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function render(value: Insertable): string {
  if (value === null) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return value.map(render).join("");
}
