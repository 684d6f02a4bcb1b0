import { Buffer } from "node:buffer";
import { join } from "node:path";
import { figuresOf, type Report } from "#report/model.ts";
import type { PictureFormat } from "#report/render/picture_page.ts";
import { dumpPage } from "./chromium.ts";
import { Failure } from "../errors.ts";
import { writeAtomic } from "../storage/write.ts";

export interface PictureOptions {
  readonly chromium: string;
  /** Created if missing. */
  readonly folder: string;
  readonly format: PictureFormat;
  readonly theme: "light" | "dark";
}

/** Device pixels to a CSS pixel: a full figure is 1,800 wide. */
const SCALE = 2;

/**
 * Every figure of a report as an image, `<figure>.png` or `.svg`.
 *
 * @returns the paths that were written.
 * @throws {Failure} where the browser draws not all of them, or the folder cannot be written to.
 */
export async function drawPictures(
  report: Report,
  { chromium, folder, format, theme }: PictureOptions,
): Promise<string[]> {
  const [{ pictureOf }, { imagesIn, renderPicturePage }, { pictureAssets }, { DARK, LIGHT }] = await Promise
    .all([
      import("#report/render/picture.ts"),
      import("#report/render/picture_page.ts"),
      import("#report/page/assets.ts"),
      import("#report/charts/palette.ts"),
    ]);
  const pictures = figuresOf(report).map((figure) => pictureOf(figure, theme === "dark" ? DARK : LIGHT));
  const page = await renderPicturePage(pictures, pictureAssets, { format, scale: SCALE });
  try {
    await Deno.mkdir(folder, { recursive: true });
    const images = imagesIn(await dumpPage(chromium, page, folder));
    const missing = pictures.filter(({ id }) => !images.has(id)).map(({ id }) => id);
    if (missing.length > 0) {
      throw new Failure(`Cannot draw figures: ${chromium} did not draw ${missing.join(", ")}`);
    }
    return await Promise.all([...images].map(async ([id, address]) => {
      const path = join(folder, `${id}.${format}`);
      await writeAtomic(path, contentOf(address));
      return path;
    }));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`Cannot write figures to ${folder}: ${(error as Error).message}`);
  }
}

/** Content of a data URL: bytes in base64, or text with escapes. */
function contentOf(address: string): string | Uint8Array {
  const [head, body] = [address.slice(0, address.indexOf(",")), address.slice(address.indexOf(",") + 1)];
  return head.endsWith(";base64") ? Buffer.from(body, "base64") : decodeURIComponent(body);
}
