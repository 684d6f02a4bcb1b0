import { Failure } from "../errors.ts";

/**
 * Writes beside the target and renames, so that a reader sees the old content or the new one, never half of it.
 *
 * @throws {Failure} where the disk is full, read-only or gone; the old content is still there.
 */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await rename(await writeBeside(path, content), path);
}

/**
 * Writes a whole file beside its target, on the disk itself and not only in memory; returns its path, for a rename.
 *
 * @throws {Failure} where the disk is full, read-only or gone; nothing is left beside the target.
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

/** Opens a file to add to it. @throws {Failure} where its disk or folder is gone. */
export async function openAtEnd(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { append: true });
  } catch (error) {
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
 * @throws {Failure} where the disk is full, read-only or gone; the file is as it was.
 */
export async function append(path: string, content: string | Uint8Array): Promise<void> {
  using file = await openAtEnd(path);
  const before = (await file.stat()).size;
  try {
    await writeAll(file, content);
  } catch (error) {
    await Deno.truncate(path, before).catch(() => {});
    throw explained(error, path);
  }
}

const FULL = "make room and continue with --resume, or build a report that is missing with `report FOLDER`";
const LOST = "bring the folder or its disk back and continue with --resume";
/** The words for a disk that cannot be written to, and the way out, by the system's code. */
const REASONS: Readonly<Record<string, readonly [what: string, help: string]>> = {
  ENOSPC: ["The disk is full", FULL],
  EDQUOT: ["The disk is full", FULL],
  EROFS: ["The disk is read-only", "make it writable, or work on a copy of the folder elsewhere"],
  ENOENT: ["The folder is not there, or no longer", LOST],
  EIO: ["The disk failed", LOST],
  ENODEV: ["The disk is not there, or no longer", LOST],
  ESTALE: ["The disk is not there, or no longer", LOST],
};

/** A disk that is full, read-only or gone in words; any other error as it is. */
export function explained(error: unknown, path: string): unknown {
  const reason = REASONS[(error as { code?: string }).code ?? ""];
  if (!reason) return error;
  const [what, help] = reason;
  return new Failure(
    `${what}: ${path} could not be written. Nothing that was written before is lost; ${help}`,
    { cause: error },
  );
}

async function writeAll(file: Deno.FsFile, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
