/**
 * Bundles the programs of pages: `deno task build:pages`. The bundles are committed, so that a page is written offline and
 * without the right to run a bundler; a test holds that a build gives the committed text.
 */
import type { Program } from "#report/model.ts";

export const PROGRAMS: readonly Program[] = ["explorer", "playground"];

/** The path of a committed bundle. */
export function bundlePath(program: Program): URL {
  return new URL(`../report/page/programs/${program}.js`, import.meta.url);
}

/**
 * The program and everything that it imports, as one script.
 *
 * @throws {Error} with the bundler's message.
 */
export async function bundle(program: Program): Promise<string> {
  const path = (relative: string) => decodeURIComponent(new URL(relative, import.meta.url).pathname);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--config", path("../../deno.json"), "--lock", path("../../deno.lock")],
      ...["--platform", "browser", "--format", "iife", "--minify", path(`./${program}/main.ts`)],
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`Cannot bundle ${program}: ${text.decode(stderr)}`);
  return text.decode(stdout);
}

if (import.meta.main) {
  for (const program of PROGRAMS) {
    const text = await bundle(program);
    await Deno.writeTextFile(bundlePath(program), text);
    console.error(`${program}.js: ${text.length} characters`);
  }
}
