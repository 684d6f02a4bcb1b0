/** For `catch`: nothing where a file or folder is not there. */
export function unlessMissing(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** True where a file or folder is there. One that cannot be looked at is none: writing there says why. */
export function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

export function isFile(path: string): Promise<boolean> {
  return Deno.stat(path).then((found) => found.isFile, () => false);
}

export function isFolder(path: string): Promise<boolean> {
  return Deno.stat(path).then((found) => found.isDirectory, () => false);
}
