import { constants, gunzipSync } from "node:zlib";
import { checkRatio, DataError, type DataFiles } from "./source.ts";

/** An IDX file of unsigned bytes. */
export interface Idx {
  readonly path: string;
  /** Its dimensions, the number of items first. */
  readonly shape: readonly number[];
  readonly body: Uint8Array;
}

/** Limits of an IDX file, known before it is read. */
export interface IdxLimits {
  /** Of dimensions: 3 for images, 1 for labels. */
  readonly dimensions: 1 | 3;
  /** Most bytes after the header. */
  readonly mostBytes: number;
  /** The way out, at the end of each message. */
  readonly help: string;
}

/** Compressed data may be a little longer than what it holds. */
const OVERHEAD_BYTES = 1_000_000;

/**
 * The path of an IDX file as it was published (`….gz`), or unpacked; `null` where neither is there.
 *
 * @param name without `.gz`: `train-images-idx3-ubyte`. Some programs unpack it as `train-images.idx3-ubyte`.
 */
export async function findIdx(folder: string, name: string, files: DataFiles): Promise<string | null> {
  const dotted = name.replace(/-(idx\d-ubyte)$/, ".$1");
  for (const candidate of [`${name}.gz`, name, dotted]) {
    if ((await files.stat(`${folder}/${candidate}`))?.isFile) return `${folder}/${candidate}`;
  }
  return null;
}

/**
 * Reads an IDX file, compressed or not: magic number, dimensions, bytes. No more is unpacked than its header promises.
 *
 * @throws {DataError} for a file that is cut off, of another format, or larger than allowed.
 */
export async function readIdx(path: string, limits: IdxLimits, files: DataFiles): Promise<Idx> {
  const { dimensions, mostBytes, help } = limits;
  const head = 4 + 4 * dimensions;
  const raw = await files.read(path, head + mostBytes + OVERHEAD_BYTES);
  const packed = isGzip(raw);
  const shape = readHeader(packed ? gunzipStart(raw, path, help) : raw, path, limits);
  const size = shape.reduce((product, length) => product * length, 1);
  if (size > mostBytes) {
    throw new DataError(
      `Cannot use ${path}: its header says ${
        shape.join(" × ")
      } bytes; at most ${mostBytes} are read; ${help}`,
    );
  }
  if (packed) checkRatio(path, raw.length, size);
  const body = (packed ? gunzip(raw, head + size, path, help) : raw).subarray(head);
  if (body.length !== size) {
    throw new DataError(
      `Cannot use ${path}: its header says ${shape.join(" × ")} bytes, and ${body.length} follow; ${help}`,
    );
  }
  return { path, shape, body };
}

/** The dimensions. @throws {DataError} for bytes that do not begin as such a file, or a dimension of 0. */
function readHeader(bytes: Uint8Array, path: string, { dimensions, help }: IdxLimits): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The third byte is the type, 8 for unsigned bytes, the fourth the number of dimensions.
  if (bytes.length < 4 + 4 * dimensions || view.getUint32(0) !== 0x800 + dimensions) {
    throw new DataError(
      `Cannot use ${path}: it does not begin as an IDX file of ${dimensions}-D bytes; ${help}`,
    );
  }
  const shape = Array.from({ length: dimensions }, (_, index) => view.getUint32(4 + 4 * index));
  if (shape.includes(0)) {
    throw new DataError(`Cannot use ${path}: its header says ${shape.join(" × ")} bytes; ${help}`);
  }
  return shape;
}

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Compressed bytes that surely hold an IDX header, which unpack to a megabyte at most. */
const START_BYTES = 1024;

/** The beginning of what a gzip file holds. @throws {DataError} for one that is damaged there. */
function gunzipStart(packed: Uint8Array, path: string, help: string): Uint8Array {
  if (packed.length <= START_BYTES) return gunzip(packed, 2 ** 21, path, help);
  try {
    return gunzipSync(packed.subarray(0, START_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw new DataError(`Cannot use ${path}: it is not a whole gzip file; ${help}`, { cause });
  }
}

/** Unpacks in memory, all members, and ends as soon as there are more than `most` bytes. */
function gunzip(packed: Uint8Array, most: number, path: string, help: string): Uint8Array {
  try {
    return gunzipSync(packed, { maxOutputLength: most });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") {
      throw new DataError(
        `Cannot use ${path}: it unpacks to more than ${most} bytes, which its header promises; ${help}`,
      );
    }
    throw new DataError(`Cannot use ${path}: it is not a whole gzip file; ${help}`, { cause: error });
  }
}
