import { join } from "node:path";
import { UsageError } from "../errors.ts";

/**
 * Keeps other processes out of an experiment's folder until it is disposed. The operating system holds the lock, so a
 * process that was killed leaves none behind; the empty file `lock` stays.
 *
 * @throws {UsageError} where another process is at work in it.
 */
export async function lockFolder(folder: string): Promise<Disposable> {
  const file = await Deno.open(join(folder, "lock"), { create: true, write: true });
  if (await file.tryLock(true)) return file;
  file.close();
  throw new UsageError(
    `Cannot write to ${folder}: another process is at work in ${folder}. ` +
      "Wait until it has ended, or name another folder with --out",
  );
}
