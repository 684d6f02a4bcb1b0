import { Failure } from "../errors.ts";

/**
 * Writes beside the target and renames, so that a reader sees the old content or the new one, never half of it.
 *
 * @throws {Failure} where the disk is full; the old content is still there.
 */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await rename(await writeBeside(path, content), path);
}

/**
 * Writes a whole file beside its target, on the disk itself and not only in memory; returns its path, for a rename.
 *
 * @throws {Failure} where the disk is full; nothing is left beside the target.
 */
export async function writeBeside(path: string, content: string | Uint8Array): Promise<string> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    using file = await Deno.open(temporary, { write: true, createNew: true });
    await writeAll(file, content);
    await file.sync();
    return temporary;
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw explained(error, path);
  }
}

/** Puts what was written beside in its place; removes it where that fails. */
export async function rename(temporary: string, path: string): Promise<void> {
  try {
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw explained(error, path);
  }
}

/**
 * Adds text or bytes to the end of a file.
 *
 * @throws {Failure} where the disk is full; the file is as it was.
 */
export async function append(path: string, content: string | Uint8Array): Promise<void> {
  using file = await Deno.open(path, { append: true });
  const before = (await file.stat()).size;
  try {
    await writeAll(file, content);
  } catch (error) {
    await Deno.truncate(path, before).catch(() => {});
    throw explained(error, path);
  }
}

/** A full disk or quota in words; any other error as it is. */
export function explained(error: unknown, path: string): unknown {
  const { code } = error as { code?: string };
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new Failure(
    `The disk is full: ${path} could not be written. Nothing that was written before is lost; ` +
      "make room and continue with --resume, or build a report that is missing with `report FOLDER`",
    { cause: error },
  );
}

async function writeAll(file: Deno.FsFile, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
