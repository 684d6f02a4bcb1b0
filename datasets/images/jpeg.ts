import { checkExtent, ImageError, type Pixels } from "./pixels.ts";

export const isJpeg = (bytes: Uint8Array): boolean =>
  bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

/** The header of a JPEG that can be decoded. */
export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** False where the three channels are red, green and blue themselves. */
  readonly isYCbCr: boolean;
}

/** Most passes over the pixels: encoders make about ten, and each costs time whatever its length. */
const MOST_SCANS = 100;
const MOST_MEMORY_MB = 1024;

/** Markers without a length: restarts, and one of arithmetic coding. */
const isBare = (marker: number) => (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01;
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
/** Frames that are decoded: baseline, extended and progressive, with Huffman codes. */
const FRAMES = [0xc0, 0xc1, 0xc2];
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

interface Segment {
  readonly marker: number;
  /** Without marker and length. */
  readonly data: Uint8Array;
}

/**
 * Reads the segments of a JPEG, no pixel of it.
 *
 * @throws {ImageError} for one that is cut off, in CMYK, of a kind that is not decoded, or with too many pixels or scans.
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  const segments = readSegments(bytes);
  const frames = segments.filter(({ marker }) => isFrame(marker));
  const [frame] = frames;
  if (!frame || frame.data.length < 6) throw new ImageError("is damaged: it has no frame header");
  if (frames.length > 1) throw new ImageError("holds several frames; save it as one image");
  if (!FRAMES.includes(frame.marker)) {
    throw new ImageError("is lossless or arithmetically coded; save it as a baseline or progressive JPEG");
  }
  const view = new DataView(frame.data.buffer, frame.data.byteOffset, frame.data.byteLength);
  const [bits, height, width, channels] = [
    view.getUint8(0),
    view.getUint16(1),
    view.getUint16(3),
    view.getUint8(5),
  ];
  if (bits !== 8) throw new ImageError(`has ${bits} bits a channel; save it with 8`);
  if (channels === 4) throw new ImageError("is in CMYK (4 channels); save it in RGB or grey");
  if ((channels !== 1 && channels !== 3) || frame.data.length < 6 + 3 * channels) {
    throw new ImageError(`is damaged: it has ${channels} channels; expected 1 or 3`);
  }
  checkExtent(width, height);
  const scans = segments.filter(({ marker }) => marker === START_OF_SCAN).length;
  if (scans === 0) throw new ImageError("is damaged: it has no pixels");
  if (scans > MOST_SCANS) throw new ImageError(`has ${scans} scans; at most ${MOST_SCANS} are decoded`);
  return { width, height, channels, isYCbCr: channels === 1 || hasLuma(segments, frame) };
}

/** Three channels are luma and chroma unless Adobe's segment, or their names, say red, green and blue. */
function hasLuma(segments: readonly Segment[], { data }: Segment): boolean {
  const adobe = segments.find(({ marker, data }) =>
    marker === 0xee && String.fromCharCode(...data.subarray(0, 5)) === "Adobe" && data.length >= 12
  );
  if (adobe) return adobe.data[11] !== 0;
  const names = String.fromCharCode(data[6]!, data[9]!, data[12]!);
  return names !== "RGB";
}

function readSegments(bytes: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  let at = 2;
  while (at + 1 < bytes.length) {
    // Entropy-coded data follow a scan's header up to the next marker; a zero behind 0xff is a byte of theirs.
    if (bytes[at] !== 0xff || bytes[at + 1] === 0x00 || bytes[at + 1] === 0xff || isBare(bytes[at + 1]!)) {
      if (bytes[at] !== 0xff && segments.at(-1)?.marker !== START_OF_SCAN) {
        throw new ImageError(`is damaged at byte ${at}: expected a marker`);
      }
      at += bytes[at] === 0xff && isBare(bytes[at + 1]!) ? 2 : 1;
      continue;
    }
    const marker = bytes[at + 1]!;
    if (marker === END_OF_IMAGE) return segments;
    const length = at + 3 < bytes.length ? bytes[at + 2]! * 256 + bytes[at + 3]! : Infinity;
    if (length < 2 || at + 2 + length > bytes.length) break;
    segments.push({ marker, data: bytes.subarray(at + 4, at + 2 + length) });
    at += 2 + length;
  }
  throw new ImageError(`is cut off: it ends after ${bytes.length} bytes without its end marker`);
}

/** Decodes a JPEG. @throws {ImageError} as {@link readJpegHeader}, and for damaged pixels. */
export async function decodeJpeg(bytes: Uint8Array): Promise<Pixels> {
  const { width, height, channels, isYCbCr } = readJpegHeader(bytes);
  const { decode } = (await import("jpeg-js")).default;
  const { data } = decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxMemoryUsageInMB: MOST_MEMORY_MB,
    ...(!isYCbCr && { colorTransform: false }),
  });
  // Grey comes out as three equal channels.
  const grey = channels === 1 ? data.filter((_, at) => at % 3 === 0) : data;
  return { width, height, channels, data: grey };
}
