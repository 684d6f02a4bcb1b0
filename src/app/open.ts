import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import type { CommandIo } from "./io.ts";

/** Opens a page in the user's browser; where that is not possible, says where the page lies. */
export async function openInBrowser(path: string, io: CommandIo): Promise<void> {
  const page = pathToFileURL(resolve(path)).href;
  const opener = { darwin: "open", windows: "explorer" }[Deno.build.os as string] ?? "xdg-open";
  try {
    const { success } = await new Deno.Command(opener, { args: [page], stdout: "null", stderr: "null" })
      .output();
    if (!success && Deno.build.os !== "windows") throw new Error(`${opener} failed`);
  } catch {
    io.stderr(`Could not open a browser; the report is at ${page}\n`);
  }
}
