import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { suggest } from "#lib/nearest.ts";
import { type CommandIo, Exited, Failure, Interrupted, UsageError } from "../io.ts";
import { PROFILE_VARIABLE } from "./profile.ts";
import { stopOnSignal } from "../terminal/stop_on_signal.ts";

/** Interpreters that are tried for Jupyter's client by default; the second one has Debian's packages. */
const PYTHONS = ["python3", "/usr/bin/python3"];
const FOLDER = fileURLToPath(new URL("../../../notebooks/", import.meta.url));
const HOW_TO_GET =
  "Install it (Debian and Ubuntu: apt install jupyter-client python3-nbclient jupyter-nbconvert; " +
  "elsewhere: pip install nbclient nbconvert), or name the Python that has it: PYTHON_PATH=/path/to/python3";

/**
 * Paths of the lab's notebooks, by name (`01_step_decay`) or number (`1`); all of them where no names are given.
 *
 * @throws {UsageError} for a name that no notebook has.
 */
export async function findNotebooks(names: readonly string[]): Promise<string[]> {
  const known = (await Array.fromAsync(Deno.readDir(FOLDER))).map(({ name }) => name)
    .filter((name) => name.endsWith(".ipynb")).map((name) => name.slice(0, -".ipynb".length)).sort();
  const wanted = names.map((name) => {
    const found = known.find((stem) => stem === name || Number(stem.split("_")[0]) === Number(name || NaN));
    if (found === undefined) {
      throw new UsageError(`No notebook ${JSON.stringify(name)}; ${suggest(name, known)}, or their numbers`);
    }
    return found;
  });
  return (wanted.length > 0 ? wanted : known).map((stem) => join(FOLDER, `${stem}.ipynb`));
}

/**
 * A Python that has nbclient: the one that `PYTHON_PATH` names, else the first of the usual ones.
 *
 * @throws {Failure} where there is none; the message says what to install.
 */
export async function findPython(env: (name: string) => string | undefined): Promise<string> {
  const named = env("PYTHON_PATH");
  const candidates = named ? [named] : PYTHONS;
  for (const python of candidates) if (await hasClient(python)) return python;
  throw new Failure(
    `Cannot run notebooks: Jupyter's nbclient was not found in ${candidates.join(" or ")}. ${HOW_TO_GET}`,
  );
}

async function hasClient(python: string): Promise<boolean> {
  const code = "import importlib.util as u, sys; sys.exit(u.find_spec('nbclient') is None)";
  try {
    const { success } = await new Deno.Command(python, {
      args: ["-c", code],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new Failure(
      `Cannot run notebooks: deno task notebooks may run ${PYTHONS.join(" and ")} alone. Allow this one: ` +
        `deno run --allow-read --allow-write --allow-env --allow-run='${python}' main.ts notebooks …`,
    );
  }
}

export interface NotebookRun {
  readonly python: string;
  /** Folder of the notebooks with their outputs. */
  readonly out: string;
  readonly profile: string;
  /** Notebooks at a time, each with a kernel of its own. */
  readonly jobs: number;
}

/**
 * Runs notebooks headless on Deno's kernel and writes them with their outputs into a folder. The kernel is registered
 * in a temporary folder, so Jupyter's own are left as they are. The names of written files go to stdout, progress to stderr.
 *
 * @throws {Exited} where a cell failed, after the cell and its error were printed.
 * @throws {Interrupted} after Ctrl-C.
 */
export async function runNotebooks(
  notebooks: readonly string[],
  { python, out, profile, jobs }: NotebookRun,
  io: CommandIo,
): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "lr-lab-jupyter-" });
  try {
    await writeKernelSpec(join(home, "kernels", "deno"));
    const child = new Deno.Command(python, {
      args: [join(FOLDER, "run.py"), String(jobs), ...notebooks, out],
      env: {
        JUPYTER_PATH: [home, ...(io.env("JUPYTER_PATH")?.split(delimiter) ?? [])].join(delimiter),
        JUPYTER_RUNTIME_DIR: join(home, "runtime"),
        [PROFILE_VARIABLE]: profile,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stop = stopOnSignal(() => child.kill(), io, () => {});
    try {
      const [{ code }] = await Promise.all([
        child.status,
        pass(child.stdout, io.stdout),
        // nbclient ends with an assertion of its own when it is stopped.
        pass(child.stderr, (text) => stop.asked || io.stderr(text)),
      ]);
      if (stop.asked) throw new Interrupted("Stopped by a signal");
      if (code !== 0) throw new Exited(1);
    } finally {
      stop.release();
    }
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** As `deno jupyter --install` has it, which would write into the user's own folder. */
async function writeKernelSpec(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const spec = {
    argv: [Deno.execPath(), "jupyter", "--quiet", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
  };
  await Deno.writeTextFile(join(folder, "kernel.json"), JSON.stringify(spec));
}

async function pass(stream: ReadableStream<Uint8Array>, to: (text: string) => unknown): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of stream) to(decoder.decode(bytes, { stream: true }));
}
