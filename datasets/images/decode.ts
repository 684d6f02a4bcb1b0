import { decodeJpeg, isJpeg, readJpegHeader } from "./jpeg.ts";
import { ImageError, MOST_FILE_BYTES, type Pixels } from "./pixels.ts";
import { decodePng, isPng, readPngHeader } from "./png.ts";

interface Format {
  readonly name: string;
  /** In lower case. */
  readonly extensions: readonly string[];
  recognises(bytes: Uint8Array): boolean;
  /** @throws {ImageError} for an image that cannot be used; decodes no pixel. */
  check(bytes: Uint8Array): unknown;
  decode(bytes: Uint8Array): Promise<Pixels>;
}

/** Every format of image files; one more is one entry. */
const FORMATS: readonly Format[] = [
  { name: "PNG", extensions: [".png"], recognises: isPng, check: readPngHeader, decode: decodePng },
  {
    name: "JPEG",
    extensions: [".jpg", ".jpeg"],
    recognises: isJpeg,
    check: readJpegHeader,
    decode: decodeJpeg,
  },
];

const EXTENSIONS = FORMATS.flatMap(({ extensions }) => extensions);

/**
 * Decodes an image file. Its format is known by its first bytes, and its name has to agree. Embedded colour profiles and
 * orientation are not applied.
 *
 * @param name of the file, for its extension.
 * @throws {ImageError} for what is no image that can be used; the message says what is wrong and what is allowed.
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Pixels> {
  const format = formatOf(bytes, name);
  try {
    format.check(bytes);
    return await format.decode(bytes);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ImageError(`is damaged: it cannot be decoded as ${format.name} (${reason})`, { cause: error });
  }
}

function formatOf(bytes: Uint8Array, name: string): Format {
  const extension = extensionOf(name);
  if (!EXTENSIONS.includes(extension)) {
    throw new ImageError(`is no image that is read; a class folder holds ${EXTENSIONS.join(", ")} files`);
  }
  if (bytes.length === 0) throw new ImageError("is empty: 0 bytes");
  if (bytes.length > MOST_FILE_BYTES) {
    throw new ImageError(`is too large: ${bytes.length} bytes; at most ${MOST_FILE_BYTES} are read`);
  }
  const format = FORMATS.find(({ recognises }) => recognises(bytes));
  if (!format) throw new ImageError(`is no PNG or JPEG, though it is called ${extension}`);
  if (!format.extensions.includes(extension)) {
    throw new ImageError(
      `is a ${format.name}, though it is called ${extension}; rename it to ${format.extensions[0]}`,
    );
  }
  return format;
}

/** `.png` of `a.PNG`; empty where there is none. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.slice(dot).toLowerCase();
}
