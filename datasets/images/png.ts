import { inflateSync } from "node:zlib";
import { concat } from "#lib/bytes.ts";
import { checkExtent, ImageError, type Pixels } from "./pixels.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const SIGNATURE_BYTES = 8;
/** Length and name before a chunk's data, its CRC behind. */
const CHUNK_BYTES = 12;

export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, at) => bytes[at] === byte);

/** The header of a PNG that can be decoded. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4 or 8. */
  readonly depth: number;
  readonly colour: PngColour;
  readonly interlaced: boolean;
  /** The file without its ancillary chunks: texts and profiles can unpack to any size. */
  readonly essential: Uint8Array;
  /** Compressed pixels. */
  readonly packed: Uint8Array;
}

/** Samples a pixel, by the colour type of the header. */
const COLOUR_TYPES = { 0: "grey", 2: "rgb", 3: "palette", 4: "grey and alpha", 6: "rgb and alpha" } as const;
type PngColour = typeof COLOUR_TYPES[keyof typeof COLOUR_TYPES];
const SAMPLES: Readonly<Record<PngColour, number>> = {
  "grey": 1,
  "rgb": 3,
  "palette": 1,
  "grey and alpha": 2,
  "rgb and alpha": 4,
};

interface Chunk {
  readonly name: string;
  readonly data: Uint8Array;
  /** With length, name and CRC. */
  readonly whole: Uint8Array;
}

/**
 * Reads the chunks of a PNG, none of them unpacked.
 *
 * @throws {ImageError} for one that is cut off, animated, has 16 bits a sample, or too many pixels.
 */
export function readPngHeader(bytes: Uint8Array): PngHeader {
  const chunks = readChunks(bytes);
  const [first] = chunks;
  if (first?.name !== "IHDR" || first.data.length !== 13) {
    throw new ImageError("is damaged: it has no header");
  }
  if (chunks.some(({ name }) => name === "acTL")) {
    throw new ImageError("is animated (APNG); save one frame as a still image");
  }
  const view = new DataView(first.data.buffer, first.data.byteOffset);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, type, interlace] = [view.getUint8(8), view.getUint8(9), view.getUint8(12)];
  checkExtent(width, height);
  const colour = COLOUR_TYPES[type as keyof typeof COLOUR_TYPES] as PngColour | undefined;
  if (colour === undefined || ![1, 2, 4, 8, 16].includes(depth) || interlace > 1) {
    throw new ImageError(
      `is damaged: colour type ${type}, ${depth} bits and interlacing ${interlace} are no PNG's`,
    );
  }
  if (depth === 16) throw new ImageError("has 16 bits a channel; save it with 8");
  if (interlace === 1 && depth < 8) {
    throw new ImageError(`is interlaced with ${depth} bits a pixel; save it without interlacing`);
  }
  const essential = chunks.filter(({ name }) => ESSENTIAL.includes(name)).map(({ whole }) => whole);
  return {
    width,
    height,
    depth,
    colour,
    interlaced: interlace === 1,
    essential: concat([bytes.subarray(0, SIGNATURE_BYTES), ...essential]),
    packed: concat(chunks.filter(({ name }) => name === "IDAT").map(({ data }) => data)),
  };
}

const ESSENTIAL = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];

function readChunks(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE_BYTES; at < bytes.length;) {
    const length = at + 8 <= bytes.length ? view.getUint32(at) : Infinity;
    const end = at + CHUNK_BYTES + length;
    if (end > bytes.length) break;
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({ name, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) });
    if (name === "IEND") return chunks;
    at = end;
  }
  throw new ImageError(`is cut off: it ends after ${bytes.length} bytes, within its chunks`);
}

/**
 * Decodes a PNG on white: transparent pixels show it through.
 *
 * @throws {ImageError} as {@link readPngHeader}, and for pixels that are damaged or more than the header says.
 */
export async function decodePng(bytes: Uint8Array): Promise<Pixels> {
  const header = readPngHeader(bytes);
  checkPacked(header);
  const { decode } = await import("fast-png");
  const decoded = decode(header.essential, { checkCrc: true });
  const { width, height } = header;
  const samples = unpackSamples(decoded.data, header);
  const pixels = header.colour === "palette"
    ? onWhite(indexed(samples, decoded.palette ?? []), 4)
    : onWhite(samples, SAMPLES[header.colour], decoded.transparency);
  return { width, height, channels: pixels.length === width * height ? 1 : 3, data: pixels };
}

/** A decoded mask: a number for each pixel, row by row. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Decodes a PNG whose pixels are numbers: its grey values, or its indices into a palette, whose colours do not count.
 *
 * @throws {ImageError} as {@link readPngHeader}, and for colours or transparency in place of numbers.
 */
export async function decodeMask(bytes: Uint8Array): Promise<Mask> {
  const header = readPngHeader(bytes);
  if (header.colour !== "grey" && header.colour !== "palette") {
    throw new ImageError(
      `has pixels in ${header.colour}; a mask is a grey or indexed PNG, whose values are class numbers`,
    );
  }
  checkPacked(header);
  const { decode } = await import("fast-png");
  const { data } = decode(header.essential, { checkCrc: true });
  return { width: header.width, height: header.height, data: unpackSamples(data, header) };
}

/** Unpacks up to the bytes that the header promises, so that nothing larger reaches the decoder. */
function checkPacked(header: PngHeader): void {
  const expected = rawBytes(header);
  let found: number;
  try {
    found = inflateSync(header.packed, { maxOutputLength: expected }).length;
  } catch (error) {
    const tooMuch = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    throw new ImageError(
      tooMuch
        ? `is damaged: it unpacks to more than the ${expected} bytes of its ${header.width} × ${header.height} pixels`
        : "is damaged or cut off: its pixels cannot be unpacked",
      { cause: error },
    );
  }
  if (found < expected) {
    throw new ImageError(`is cut off: it holds ${found} of the ${expected} bytes of its pixels`);
  }
}

/** `[x, y, step right, step down]` of the seven passes of an interlaced image. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Bytes of the pixels before compression: each row begins with its filter. */
function rawBytes({ width, height, depth, colour, interlaced }: PngHeader): number {
  const rows = (columns: number, count: number) =>
    columns > 0 && count > 0 ? count * (1 + Math.ceil(columns * SAMPLES[colour] * depth / 8)) : 0;
  if (!interlaced) return rows(width, height);
  return PASSES.reduce(
    (sum, [x, y, right, down]) => sum + rows(Math.ceil((width - x) / right), Math.ceil((height - y) / down)),
    0,
  );
}

/** One byte a sample: those of fewer bits lie packed, each row from a byte of its own. */
function unpackSamples(data: ArrayLike<number>, { width, height, depth, colour }: PngHeader): Uint8Array {
  if (depth === 8) return Uint8Array.from(data);
  const scale = colour === "palette" ? 1 : 255 / (2 ** depth - 1);
  const rowBytes = Math.ceil(width * depth / 8);
  return Uint8Array.from({ length: width * height }, (_, pixel) => {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    const bit = column * depth;
    const byte = data[row * rowBytes + (bit >> 3)]!;
    return scale * ((byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1));
  });
}

/** Red, green, blue and alpha of each pixel. @throws {ImageError} for an index beyond the palette. */
function indexed(indices: Uint8Array, palette: readonly (readonly number[])[]): Uint8Array {
  const into = new Uint8Array(4 * indices.length);
  indices.forEach((index, pixel) => {
    const colour = palette[index];
    if (!colour) {
      throw new ImageError(`is damaged: a pixel has colour ${index} of a palette of ${palette.length}`);
    }
    into.set([colour[0]!, colour[1]!, colour[2]!, colour[3] ?? 255], 4 * pixel);
  });
  return into;
}

/** Samples without alpha, laid on white by it; `clear` is a colour that is transparent as a whole. */
function onWhite(samples: Uint8Array, perPixel: number, clear?: ArrayLike<number>): Uint8Array {
  const channels = perPixel <= 2 ? 1 : 3;
  const hasAlpha = perPixel !== channels;
  if (!hasAlpha && !clear?.length) return samples;
  const pixels = samples.length / perPixel;
  const into = new Uint8Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const from = samples.subarray(pixel * perPixel, pixel * perPixel + channels);
    const isClear = !hasAlpha && from.every((value, channel) => value === clear![channel]);
    const alpha = hasAlpha ? samples[pixel * perPixel + channels]! / 255 : isClear ? 0 : 1;
    from.forEach((value, channel) =>
      into[pixel * channels + channel] = Math.round(value * alpha + 255 * (1 - alpha))
    );
  }
  return into;
}
