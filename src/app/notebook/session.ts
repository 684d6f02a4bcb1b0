import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandIo, denoIo } from "../io.ts";
import type { SessionOptions } from "../session/options.ts";

/** The folder that experiments of notebooks are put into; `runs` of this repository where nothing is said. */
const RUNS_VARIABLE = "LR_LAB_RUNS";
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const LINE_EVERY_MS = 10_000;

/** Options of a session whose results go into a new folder. */
export function notebookOptions(out: string): Omit<SessionOptions, "invocation"> {
  return {
    dataDir: join(ROOT, "data"),
    backend: "auto",
    jobs: null,
    threads: null,
    out,
    resume: false,
    fresh: false,
    earlier: null,
    checkpointS: 30,
  };
}

/** The folder that experiments of notebooks are put into. */
export function runsFolder(): string {
  return Deno.env.get(RUNS_VARIABLE) ?? join(ROOT, "runs");
}

/** Progress as a line now and then: a cell has no place for a bar, and nobody reads a line a run. */
export function quietIo(): CommandIo {
  let last = -Infinity;
  return {
    ...denoIo(),
    isTerminal: false,
    stderrIsTerminal: false,
    stderr: (text) => {
      if (performance.now() - last < LINE_EVERY_MS) return;
      last = performance.now();
      console.log(text.trimEnd());
    },
  };
}
