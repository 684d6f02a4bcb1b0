import { UsageError } from "../errors.ts";

/** More than a checkpoint of any model here takes: that of `cnn` with a hundred snapshots has 120 MB. */
export const MOST_CHECKPOINT_BYTES = 2 ** 30;
/** More than any spec or list of schedules takes. */
export const MOST_TEXT_BYTES = 10_000_000;

/**
 * The bytes of a file that somebody else may have made: a larger one is refused before anything of it is read.
 *
 * @throws {UsageError} for a file that is too large, or is no file.
 * @throws {Deno.errors.NotFound} and the like, where it cannot be read.
 */
export async function readLimited(path: string, mostBytes: number): Promise<Uint8Array> {
  const { size, isFile } = await Deno.stat(path);
  if (!isFile) throw new UsageError(`Cannot read ${path}: it is not a file`);
  if (size > mostBytes) {
    throw new UsageError(`Cannot read ${path}: it has ${size} bytes; at most ${mostBytes} are read`);
  }
  return await Deno.readFile(path);
}

/**
 * The same as text.
 *
 * @throws {UsageError} for a text that is not UTF-8.
 */
export async function readLimitedText(path: string): Promise<string> {
  const bytes = await readLimited(path, MOST_TEXT_BYTES);
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new UsageError(`Cannot read ${path}: it is UTF-16; save it as UTF-8`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError(`Cannot read ${path}: it is not UTF-8 text`, { cause });
  }
}
