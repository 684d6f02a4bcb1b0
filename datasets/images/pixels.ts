/** A decoded image: bytes `[height, width, channels]`, grey or red, green, blue; row-major, 0 … 255. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** The colours of a data set's images. */
const COLOURS = ["rgb", "grey"] as const;
export type Colour = typeof COLOURS[number];

/** A file that is no image the lab can use; the message continues a sentence that begins with the file's name. */
export class ImageError extends Error {
  override readonly name = "ImageError";
}

/** Most pixels of one image: a photograph of 24 megapixels fits. Known from the header, before anything is decoded. */
const MOST_PIXELS = 25_000_000;
/** Most bytes of one image file. */
export const MOST_FILE_BYTES = 32 * 2 ** 20;

/** @throws {ImageError} for an image without pixels, or with more than {@link MOST_PIXELS}. */
export function checkExtent(width: number, height: number): void {
  if (width === 0 || height === 0) throw new ImageError(`has no pixels: ${width} × ${height}`);
  if (width * height > MOST_PIXELS) {
    throw new ImageError(
      `is too large: ${width} × ${height} pixels; at most ${MOST_PIXELS / 1e6} million are decoded`,
    );
  }
}

/** The same image in other colours: grey is ITU-R BT.601 luma (0.299 R + 0.587 G + 0.114 B), rounded. */
export function inColour({ width, height, channels, data }: Pixels, colour: Colour): Pixels {
  const wanted = colour === "rgb" ? 3 : 1;
  if (channels === wanted) return { width, height, channels, data };
  const into = new Uint8Array(width * height * wanted);
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (wanted === 3) into.fill(data[pixel]!, 3 * pixel, 3 * pixel + 3);
    else {
      const [red, green, blue] = [data[3 * pixel]!, data[3 * pixel + 1]!, data[3 * pixel + 2]!];
      into[pixel] = Math.round((299 * red + 587 * green + 114 * blue) / 1000);
    }
  }
  return { width, height, channels: wanted, data: into };
}
