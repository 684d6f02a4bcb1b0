import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { loadTarStream } from "./packages.ts";
import { DataError } from "./source.ts";

/** The allowed files of an archive: those of one folder, by name, each up to a size in bytes. */
export interface Expected {
  readonly folder: string;
  readonly mostBytes: Readonly<Record<string, number>>;
}

/** Headers, padding and extended attributes on top of the files themselves. */
const OVERHEAD_BYTES = 1024 * 1024;

/**
 * Unpacks a gzip-compressed tar into an existing empty folder. Only regular files that are expected are taken, each
 * once, each up to its size; the names of files written come from `expected`, never from the archive.
 *
 * @returns The names of the files that were written.
 * @throws {DataError} for anything else in the archive and for a damaged one; files written so far stay.
 */
export async function unpack(
  archive: ReadableStream<Uint8Array>,
  into: string,
  expected: Expected,
  signal: AbortSignal,
): Promise<string[]> {
  const limit = Object.values(expected.mostBytes).reduce((sum, bytes) => sum + bytes, OVERHEAD_BYTES);
  const { extract } = await loadTarStream();
  const entries = extract();
  const packed = Readable.fromWeb(archive as never);
  // The loop below reports what this rejects with; the empty handler keeps it from being called unhandled.
  const pumped = pipeline(packed, createGunzip(), (source) => atMost(source, limit), entries, { signal });
  pumped.catch(() => {});
  const written: string[] = [];
  try {
    for await (const entry of entries) {
      if (isFolder(entry.header, expected)) {
        entry.resume();
        continue;
      }
      const name = admit(entry.header, expected, written);
      await writeEntry(entry, `${into}/${name}`);
      written.push(name);
    }
    await pumped;
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof DataError ? error : damaged(error);
  }
  return written;
}

interface Header {
  readonly name: string;
  readonly type?: string | null | undefined;
  readonly size?: number | undefined;
}

/** The one folder that the files lie in may be listed as an entry of its own. */
function isFolder({ name, type }: Header, { folder }: Expected): boolean {
  return type === "directory" && (name === folder || name === `${folder}/`);
}

/** The expected name of an entry. @throws {DataError} by name of what is wrong. */
function admit({ name, type, size }: Header, expected: Expected, written: readonly string[]): string {
  const refuse = (what: string): never => {
    throw new DataError(`Refused the archive: ${JSON.stringify(name)} ${what}; nothing of it was saved`);
  };
  if (name.startsWith("/") || /^[a-z]:/i.test(name)) refuse("is an absolute path");
  if (name.split(/[/\\]/).includes("..")) refuse("leads out of the data folder");
  if (type !== "file" && type !== "contiguous-file") {
    refuse(`is a ${type ?? "thing of unknown kind"}, not a file`);
  }
  const allowed = Object.keys(expected.mostBytes);
  const found = allowed.find((file) => name === `${expected.folder}/${file}`);
  if (found === undefined) {
    return refuse(`is not expected; allowed in ${expected.folder}/: ${allowed.join(", ")}`);
  }
  if (written.includes(found)) refuse("occurs twice");
  const most = expected.mostBytes[found]!;
  if ((size ?? 0) > most) refuse(`has ${size} bytes; at most ${most} are allowed`);
  return found;
}

async function writeEntry(entry: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for await (const chunk of entry) {
    for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
  }
  await file.sync();
}

/** Passes bytes on and stops an archive that unpacks to more than all of its files may hold. */
async function* atMost(source: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of source) {
    total += chunk.length;
    if (total > limit) {
      throw new DataError(
        `Refused the archive: it unpacks to more than ${limit} bytes; nothing of it was saved`,
      );
    }
    yield chunk;
  }
}

function damaged(error: unknown): DataError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DataError(
    `Refused the archive: it is damaged or cut off (${reason}); nothing of it was saved`,
    { cause: error },
  );
}
