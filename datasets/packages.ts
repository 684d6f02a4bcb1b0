// @ts-types="npm:@types/tar-stream@3.1.4"
import type * as tarStream from "tar-stream";

/**
 * A package that `data get` alone needs, 8 MB with what it needs in turn. Its name stands in a variable, so that Deno
 * downloads it when it is first used, and not with every command that could use it.
 */
const TAR = "tar-stream";

export async function loadTarStream(): Promise<typeof tarStream> {
  return await import(TAR);
}
