import { DataError, type DataFiles } from "./source.ts";

/** The data files of this machine. */
export const denoFiles: DataFiles = {
  read: async (path, most) => {
    try {
      const { size, isFile } = await Deno.stat(path);
      // A device or a pipe has no size, and may never end.
      if (!isFile) throw new DataError(`Cannot read ${path}: it is no regular file`);
      if (size > most) {
        throw new DataError(`Cannot use ${path}: it has ${size} bytes; at most ${most} are allowed`);
      }
      return await Deno.readFile(path);
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw new DataError(`Cannot read ${path}: ${reason(error)}`, { cause: error });
    }
  },
  stat: async (path) => {
    try {
      const { size, isFile, isDirectory } = await Deno.stat(path);
      return { size, isFile, isDirectory };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
      throw new DataError(`Cannot look at ${path}: ${reason(error)}`, { cause: error });
    }
  },
  list: async (folder) => {
    try {
      return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return [];
      throw new DataError(`Cannot list ${folder}: ${reason(error)}`, { cause: error });
    }
  },
};

/** The cause of a failed file operation in plain words. */
export function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "the file system does not allow it";
  if (error instanceof Deno.errors.NotCapable) return "Deno was started without the permission for it";
  return error instanceof Error ? error.message : String(error);
}
