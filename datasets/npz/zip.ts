import { Buffer } from "node:buffer";
import { crc32, inflateRawSync } from "node:zlib";
// @ts-types="npm:@types/yauzl@3.4.0"
import type { Entry, ZipFile } from "yauzl";
import { checkRatio, DataError } from "../source.ts";

/** Most files in an archive: numpy writes one an array. */
const MOST_ENTRIES = 100;
const STORED = 0;
const DEFLATED = 8;

/**
 * The named files of a zip archive. Each is unpacked only after its directory entry says that it fits, no further than
 * that entry says, and its CRC has to agree.
 *
 * @param mostBytes of all that are taken together, unpacked.
 * @throws {DataError} for an archive that is damaged, encrypted, has a name twice, lacks one, or is too large.
 */
export async function readZip(
  bytes: Uint8Array,
  path: string,
  names: readonly string[],
  mostBytes: number,
): Promise<Map<string, Uint8Array>> {
  try {
    const { default: yauzl } = await import("yauzl");
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const archive = await yauzl.fromBufferPromise(buffer, { lazyEntries: true });
    const entries = await listEntries(archive, path);
    const chosen = names.map((name) => choose(entries, name, path));
    const total = chosen.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    if (total > mostBytes) {
      throw new DataError(
        `Cannot use ${path}: its arrays take ${total} bytes; at most ${mostBytes} are unpacked`,
      );
    }
    for (const { fileName, compressedSize, uncompressedSize } of chosen) {
      checkRatio(`${path} (${fileName})`, compressedSize, uncompressedSize);
    }
    const unpacked = new Map<string, Uint8Array>();
    for (const entry of chosen) unpacked.set(entry.fileName, await unpackEntry(archive, entry, bytes, path));
    return unpacked;
  } catch (error) {
    if (error instanceof DataError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(`Cannot use ${path}: it is no whole zip archive (${reason})`, { cause: error });
  }
}

async function listEntries(archive: ZipFile, path: string): Promise<Entry[]> {
  if (archive.entryCount > MOST_ENTRIES) {
    throw new DataError(
      `Cannot use ${path}: it holds ${archive.entryCount} files; at most ${MOST_ENTRIES} are read`,
    );
  }
  return await Array.fromAsync(archive.eachEntry());
}

function choose(entries: readonly Entry[], name: string, path: string): Entry {
  const [found, ...more] = entries.filter(({ fileName }) => fileName === name);
  if (!found) {
    const there = entries.map(({ fileName }) => fileName).join(", ");
    throw new DataError(`Cannot use ${path}: it has no ${name}; it has ${there || "no file"}`);
  }
  if (more.length > 0) throw new DataError(`Cannot use ${path}: it has ${name} twice`);
  if (found.isEncrypted()) throw new DataError(`Cannot use ${path}: ${name} is encrypted`);
  if (![STORED, DEFLATED].includes(found.compressionMethod)) {
    throw new DataError(
      `Cannot use ${path}: ${name} is compressed by method ${found.compressionMethod}; save it by np.savez or ` +
        "np.savez_compressed",
    );
  }
  return found;
}

/** The bytes behind the entry's own header, unpacked no further than the directory says. */
async function unpackEntry(
  archive: ZipFile,
  entry: Entry,
  bytes: Uint8Array,
  path: string,
): Promise<Uint8Array> {
  const { fileName, compressedSize, uncompressedSize } = entry;
  const { fileDataStart } = await archive.readLocalFileHeaderPromise(entry, { minimal: true });
  const packed = bytes.subarray(fileDataStart, fileDataStart + compressedSize);
  const refuse = (problem: string, cause?: unknown) =>
    new DataError(`Cannot use ${path}: ${fileName} is damaged: ${problem}`, { cause });
  if (packed.length < compressedSize) throw refuse("it is cut off");
  let whole = packed;
  if (entry.compressionMethod === DEFLATED) {
    try {
      whole = inflateRawSync(packed, { maxOutputLength: Math.max(1, uncompressedSize) });
    } catch (error) {
      const tooMuch = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
      throw refuse(
        tooMuch ? `it unpacks to more than its ${uncompressedSize} bytes` : "it cannot be unpacked",
        error,
      );
    }
  }
  if (whole.length !== uncompressedSize) {
    throw refuse(`it holds ${whole.length} bytes of ${uncompressedSize}`);
  }
  if (crc32(whole) !== entry.crc32) throw refuse("its bytes do not agree with their CRC");
  return whole;
}
