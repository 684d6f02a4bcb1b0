import { main } from "../../main.ts";
import { denoIo } from "#app/io.ts";
import { printableLines } from "#lib/printable.ts";
import type { Ran } from "./cli.ts";
import { keptWorker } from "./kept_worker.ts";

/** Tasks that train with several workers by default; each takes as long to start as a small experiment to train. */
const WITH_WORKERS = ["train", "sweep", "range-test"];

/**
 * Runs a task in this process, on real files and without a terminal. It gives what {@link cli} gives, where neither the
 * process, nor its permissions, nor the command line that a record names is what a test is about: a process of its own
 * costs half a second. One run goes at a time unless `--jobs` says another number: two lanes share the cores.
 */
export async function inProcess(
  task: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Pick<Ran, "code" | "stdout" | "stderr">> {
  const { readText, writeTextAtomic, env } = denoIo();
  let [stdout, stderr] = ["", ""];
  const alone = WITH_WORKERS.includes(task) && !args.includes("--jobs") ? ["--jobs", "1"] : [];
  const code = await main([task, ...args, ...alone], {
    readText,
    writeTextAtomic,
    env: (name) => options.env?.[name] ?? env(name),
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text.slice(0, 1) + printableLines(text.slice(1))),
    isTerminal: false,
    stderrIsTerminal: false,
    columns: 80,
    spawnWorker: keptWorker,
  });
  return { code, stdout, stderr };
}
