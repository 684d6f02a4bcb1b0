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
    (await Promise.all(texts.map(sha256Base64))).map((digest) => `'sha256-${digest}'`).join(" ");
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

/** @throws {TypeError} where a script would end its own element early. */
export function checkedScript(text: string): string {
  const found = /<\/script|<!--/i.exec(text);
  if (found) {
    throw new TypeError(`Cannot inline a script that holds ${JSON.stringify(found[0])}: it would end early`);
  }
  return text;
}
