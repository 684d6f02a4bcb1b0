import { sha256Base64 } from "#lib/sha256.ts";

/** Plotly writes empty styles: of its style element, which it fills by `insertRule`, and of colour bars. */
const PLOTLY_STYLE = "";

/**
 * A Content-Security-Policy that allows these very scripts and this style, named by their digests, and no request.
 * Images may come from the page's own data: Plotly draws heatmaps, and saves pictures, by way of them.
 *
 * @param asksItsServer true for a page that may ask the server that it came from.
 */
export async function contentPolicy(
  scripts: readonly string[],
  css: string,
  asksItsServer = false,
): Promise<string> {
  const allowed = async (texts: readonly string[]) =>
    (await Promise.all(texts.map(digestOf))).map((digest) => `'sha256-${digest}'`).join(" ");
  return [
    "default-src 'none'",
    `script-src ${await allowed(scripts)}`,
    `style-src ${await allowed([css, PLOTLY_STYLE])} 'unsafe-hashes'`,
    "img-src data: blob:",
    ...asksItsServer ? ["connect-src 'self'"] : [],
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** Of the scripts and styles of the pages of this process, which are few: Plotly takes a tenth of a second. */
const digests = new Map<string, Promise<string>>();

function digestOf(text: string): Promise<string> {
  const known = digests.get(text) ?? sha256Base64(text);
  digests.set(text, known);
  return known;
}

/** @throws {TypeError} where a script would end its own element early. */
export function checkedScript(text: string): string {
  const found = /<\/script|<!--/i.exec(text);
  if (found) {
    throw new TypeError(`Cannot inline a script that holds ${JSON.stringify(found[0])}: it would end early`);
  }
  return text;
}
