import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** What a test may need that a user's machine may lack. */
export type Requirement =
  | "chromium"
  | "bundler"
  | "vulkan"
  | "python3"
  | "python3-torch"
  | "jupyter"
  | "redis"
  | "openssl"
  | "shared data"
  | "mounts";

/**
 * The options of a test that needs something from outside this repository:
 * `Deno.test("draws every figure", await requires("chromium"), async () => { … })`.
 *
 * On a user's machine the test is skipped where something is missing, and the reason is printed. Where the
 * environment says `CI=true` a missing requirement is an error, so nothing is ever skipped there unseen.
 *
 * @throws {Error} under CI, where a requirement is missing; the message says what to install.
 */
export async function requires(...needs: readonly Requirement[]): Promise<{ ignore: boolean }> {
  for (const need of needs) {
    const missing = await (reasons.get(need) ?? look(need));
    if (missing === null) continue;
    if (underCI()) throw new Error(`These tests may not be skipped under CI: ${missing}`);
    console.warn(`skipped: ${missing}`);
    return { ignore: true };
  }
  return { ignore: false };
}

/** Why each need is missing, looked for once: to open a GPU, or Python, takes longer than many tests. */
const reasons = new Map<Requirement, Promise<string | null>>();

function look(need: Requirement): Promise<string | null> {
  const asked = reasonMissing(need);
  reasons.set(need, asked);
  return asked;
}

/** Chromium for the browser tests: `CHROMIUM_PATH`, else Debian's. */
export function chromiumPath(): string {
  return Deno.env.get("CHROMIUM_PATH") ?? "/usr/bin/chromium";
}

/**
 * Chromium's headless shell where it stands beside Chromium: the same engine without a browser's windows, profile and
 * extensions, which cost as much as a page does. Else Chromium itself.
 */
export function lightChromiumPath(): string {
  const shell = `${chromiumPath()}-headless-shell`;
  return exists(shell) ? shell : chromiumPath();
}

/** The Python that Debian's `python3-torch` and `jupyter` belong to: `PYTHON_PATH`, else the system's. */
export function pythonPath(): string {
  return Deno.env.get("PYTHON_PATH") ?? "/usr/bin/python3";
}

/** The folder that holds `datasets/`: `LR_LAB_SHARED`, else `../shared` beside the repository; `null` if absent. */
export function sharedPath(): string | null {
  const beside = `${dirname(repositoryRoot())}/shared`;
  const path = Deno.env.get("LR_LAB_SHARED") ?? beside;
  return exists(`${path}/datasets`) ? path : null;
}

/** This repository's folder, without a slash at the end. */
export function repositoryRoot(): string {
  return fileURLToPath(new URL("../..", import.meta.url)).replace(/[\/]$/, "");
}

function underCI(): boolean {
  return Deno.env.get("CI") === "true";
}

async function reasonMissing(need: Requirement): Promise<string | null> {
  switch (need) {
    case "chromium":
      return exists(chromiumPath())
        ? null
        : `no Chromium at ${chromiumPath()} (install chromium or set CHROMIUM_PATH)`;
    case "bundler":
      return await canBundle()
        ? null
        : "deno bundle does not run (it downloads its bundler once, which needs the network)";
    case "vulkan":
      return await hasAdapter()
        ? null
        : "no WebGPU adapter (a GPU driver with Vulkan, or mesa-vulkan-drivers and libvulkan1 for software)";
    case "python3":
      return await hasPythonModule("csv") ? null : `no Python at ${pythonPath()} (install python3)`;
    case "python3-torch":
      return await hasPythonModule("torch") ? null : `no PyTorch for ${pythonPath()} (install python3-torch)`;
    case "jupyter":
      return await hasPythonModule("nbclient")
        ? null
        : `no nbclient for ${pythonPath()} (install jupyter-client and python3-nbclient)`;
    case "redis":
      return await succeeds("redis-server", ["--version"]) ? null : "no redis-server (install redis-server)";
    case "openssl":
      return await succeeds("openssl", ["version"]) ? null : "no openssl (install openssl)";
    case "shared data":
      return sharedPath() === null
        ? "no shared data (set LR_LAB_SHARED to the folder that holds datasets/)"
        : null;
    case "mounts":
      return await succeeds("unshare", ["--map-root-user", "--mount", "true"])
        ? null
        : "no file system may be mounted, not even in a namespace of its own (Linux with unshare)";
  }
}

async function hasAdapter(): Promise<boolean> {
  const { requestAdapter, WebgpuUnavailable } = await import("#compute/webgpu/adapter.ts");
  try {
    await requestAdapter();
    return true;
  } catch (error) {
    if (error instanceof WebgpuUnavailable) return false;
    throw error;
  }
}

async function canBundle(): Promise<boolean> {
  const entry = await Deno.makeTempFile({ suffix: ".js" });
  try {
    return await succeeds(Deno.execPath(), ["bundle", "--no-config", "--no-lock", "--quiet", entry]);
  } finally {
    await Deno.remove(entry);
  }
}

function hasPythonModule(name: string): Promise<boolean> {
  const code = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${name}") is None)`;
  return succeeds(pythonPath(), ["-c", code]);
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output();
    return success;
  } catch {
    return false;
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
