import { join } from "node:path";
import { type CommandIo, UsageError } from "../io.ts";
import { openInBrowser } from "../open.ts";
import { runTheory } from "../session/theory.ts";
import type { ExperimentOptions } from "./run_experiment.ts";

/** `exercise 0`: of the options of exercises those that mean something where nothing is trained. */
export async function runTheoryCommand(options: ExperimentOptions, io: CommandIo): Promise<void> {
  const idle = idleOptions(options);
  if (idle.length > 0) {
    io.stderr(
      `Exercise 0 trains nothing, so ${idle.join(", ")} ${idle.length === 1 ? "has" : "have"} no effect\n`,
    );
  }
  const [seed = 1, ...more] = options.seeds ?? [];
  if (more.length > 0) {
    throw new UsageError(
      `Exercise 0 simulates with one seed, but --seeds names ${
        1 + more.length
      }; give one, such as --seeds 7-7`,
    );
  }
  const { folder, summary, report } = await runTheory({
    out: options.out ?? null,
    resume: options.resume,
    seed,
  });
  const page = join(folder, "report.html");
  if (options.format === "json") {
    io.stdout(JSON.stringify({ ...summary, folder }, null, 2) + "\n");
  } else {
    const { renderTerminal } = await import("#report/render/terminal.ts");
    const color = io.isTerminal && !io.env("NO_COLOR");
    io.stdout(renderTerminal(report, { columns: io.columns, color, page }));
  }
  if (options.open) await openInBrowser(page, io);
}

function idleOptions(options: ExperimentOptions): string[] {
  const given: Record<string, boolean> = {
    "--profile": options.profile !== undefined,
    "--dataset": options.dataset !== undefined,
    "--data-dir": options.dataDir !== undefined,
    "--backend": options.backend !== "auto",
    "--jobs": options.jobs !== undefined,
    "--threads": options.threads !== undefined,
    "--turbo": options.turbo,
    "--fresh": options.fresh,
  };
  return Object.keys(given).filter((name) => given[name]);
}
