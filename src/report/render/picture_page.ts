import { checkedScript, contentPolicy } from "../page/content_policy.ts";
import { markup, trusted } from "./markup.ts";
import type { Picture } from "./picture.ts";
import { inlineJson } from "../format/text.ts";

export type PictureFormat = "png" | "svg";

/** The scripts of the page, as text. */
export interface PictureAssets {
  readonly plotly: string;
  readonly client: string;
}

export interface PicturePageOptions {
  readonly format: PictureFormat;
  /** Device pixels to a CSS pixel; SVG has no use for it. */
  readonly scale: number;
}

/** A page that turns each picture into an image and puts it into its own text; {@link imagesIn} finds them there. */
export async function renderPicturePage(
  pictures: readonly Picture[],
  { plotly, client }: PictureAssets,
  options: PicturePageOptions,
): Promise<string> {
  const scripts = [plotly, client];
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${await contentPolicy(scripts, "")}">
<title>LR Lab · pictures</title>
</head>
<body>
<script type="application/json" id="pictures">${trusted(inlineJson({ ...options, pictures }))}</script>
${scripts.map((text) => markup`<script>${trusted(checkedScript(text))}</script>\n`)}
</body>
</html>
`.text;
}

/** Data addresses by figure id, as the page wrote them. */
export function imagesIn(html: string): Map<string, string> {
  const found = html.matchAll(/<pre id="image-([a-z][a-z0-9-]*)">(data:image\/[^<]+)<\/pre>/g);
  return new Map([...found].map(([, id, address]) => [id!, address!]));
}
