import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Failure } from "../errors.ts";
import { isFile } from "../storage/missing.ts";

/** Program names of Chromium and browsers built on it; the task `figures` may run these. */
export const CHROMIUM_NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "msedge",
];

/** Paths of the programs on macOS, which has them on no PATH. */
const APPLICATIONS = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Real time, and the time of the page's own clock, which runs ahead while nothing is under way in the page. */
const PATIENCE_MS = 180_000;
const VIRTUAL_MS = 600_000;

/** Offline and without a profile, so that nothing of the user's own browser is touched. */
const FLAGS = [
  "--headless",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-extensions",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND",
];

/**
 * The installed Chromium: the one that `CHROMIUM_PATH` names, else the first on the `PATH`, else an application.
 *
 * @throws {Failure} where there is none; the message says how to get or name one.
 */
export async function findChromium(env: (name: string) => string | undefined): Promise<string> {
  const named = env("CHROMIUM_PATH");
  if (named) {
    if (await isFile(named)) return named;
    throw new Failure(`Cannot draw figures: CHROMIUM_PATH names ${named}, and there is no such file`);
  }
  const folders = (env("PATH") ?? "").split(delimiter).filter((folder) => folder !== "");
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  const onPath = CHROMIUM_NAMES.flatMap((name) => folders.map((folder) => join(folder, name + suffix)));
  for (const path of [...onPath, ...APPLICATIONS]) if (await isFile(path)) return path;
  throw new Failure(
    `Cannot draw figures: no Chromium is installed (looked for ${CHROMIUM_NAMES.join(", ")} on the PATH). ` +
      "Install one, for example by apt install chromium, or name your program: " +
      "CHROMIUM_PATH=/path/to/chrome deno task figures …. The report can also save a figure itself: click the camera above it",
  );
}

/**
 * Opens a page without a window and returns its HTML once all that it does is done. The page and the browser's profile
 * lie in `folder`, which is left as it was.
 *
 * @throws {Failure} where the browser may not be started, or ends with an error.
 */
export async function dumpPage(chromium: string, html: string, folder: string): Promise<string> {
  // Not in the system's folder for such: a Chromium from a snap can't read that.
  const own = await Deno.makeTempDir({ dir: folder, prefix: "chromium-" });
  try {
    const page = join(own, "page.html");
    await Deno.writeTextFile(page, html);
    const args = [
      ...FLAGS,
      `--user-data-dir=${join(own, "profile")}`,
      `--virtual-time-budget=${VIRTUAL_MS}`,
      "--dump-dom",
      pathToFileURL(page).href,
    ];
    const sandboxed = await run(chromium, args);
    // Chromium has no sandbox for root and in most containers. The page is the lab's own, and its policy is strict.
    const { success, stdout, stderr } = sandboxed.success
      ? sandboxed
      : await run(chromium, ["--no-sandbox", ...args]);
    if (success) return new TextDecoder().decode(stdout);
    const lastLine = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    throw new Failure(`Cannot draw figures: ${chromium} failed${lastLine ? `: ${lastLine}` : ""}`);
  } finally {
    await Deno.remove(own, { recursive: true });
  }
}

async function run(chromium: string, args: readonly string[]): Promise<Deno.CommandOutput> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const ended = await new Deno.Command(chromium, { args: [...args], stdin: "null", signal }).output();
    if (!signal.aborted) return ended;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) {
      throw new Failure(`Cannot draw figures: ${chromium} does not start: ${(error as Error).message}`);
    }
    throw new Failure(
      `Cannot draw figures: deno task figures may run ${
        CHROMIUM_NAMES.join(", ")
      } from the PATH alone. Allow this ` +
        `one: deno run --allow-read --allow-write --allow-env --allow-run='${chromium}' main.ts figures …`,
    );
  }
  throw new Failure(`Cannot draw figures: ${chromium} took more than ${PATIENCE_MS / 60_000} minutes`);
}
