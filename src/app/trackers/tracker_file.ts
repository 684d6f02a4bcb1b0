import { HEAD_BYTES, type TrackerFile } from "#trackers/model.ts";
import { UsageError } from "../errors.ts";

const CHUNK_BYTES = 262_144;

/**
 * A file on disk as the readers take it. Its first bytes are read at once, the rest when it is asked for.
 *
 * @throws {UsageError} for what is no file, or cannot be read.
 */
export async function trackerFile(path: string): Promise<TrackerFile> {
  try {
    // A pipe is not even opened: that would wait for a writer.
    const { size, isFile } = await Deno.stat(path);
    if (!isFile) {
      throw new UsageError(`Cannot read ${path}: it is a pipe or a device; save it as a file first`);
    }
    using file = await Deno.open(path);
    const head = new Uint8Array(Math.min(size, HEAD_BYTES));
    let filled = 0;
    while (filled < head.length) {
      const read = await file.read(head.subarray(filled));
      if (read === null) break;
      filled += read;
    }
    return { path, size, head: head.subarray(0, filled), chunks: () => chunks(path) };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file or folder"
      : error instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : (error as Error).message;
    throw new UsageError(`Cannot read ${path}: ${reason}`, { cause: error });
  }
}

async function* chunks(path: string): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let read; (read = await file.read(buffer)) !== null;) yield buffer.subarray(0, read);
}
