import { Command, Option } from "@commander-js/extra-typings";
import { BACKENDS } from "#compute/device.ts";
import type { CommandIo } from "../io.ts";
import { parseCount, parsePath, wholeNumber } from "./parsers.ts";
import { queueOption } from "./study_options.ts";

/** `worker`: trains the runs that sessions put into a queue. */
export function workerCommand(io: CommandIo) {
  return new Command("worker")
    .description(
      "Trains the runs that `train`, `exercise` and `sweep` with the same --queue put into it, until it is stopped.",
    )
    .addOption(queueOption().makeOptionMandatory())
    .addOption(
      new Option("--data-dir <dir>", "folder that holds one folder per data set (default: data)").argParser(
        parsePath,
      ),
    )
    .addOption(
      new Option("--backend <name>", "device to train on").choices(["auto", ...BACKENDS]).default(
        "auto" as const,
      ),
    )
    .addOption(
      new Option("--jobs <count>", "runs at a time (default: one per core, or one on a GPU)").argParser(
        parseCount,
      ),
    )
    .addOption(
      new Option(
        "--allow-modules <dir>",
        "also take runs with custom schedules, whose modules are read from this folder (default: refuse them)",
      ).argParser(parsePath),
    )
    .addOption(
      new Option("--takeover <seconds>", "silence of a worker after which another one takes its runs")
        .argParser(wholeNumber(1, 3600)).default(30),
    )
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for the options)")
    .action(async ({ queue, backend, jobs, dataDir = null, allowModules = null, takeover }) => {
      const { queueAddress, redacted, runWorker } = await import("../queue/worker.ts");
      const address = queueAddress(queue, io.env);
      await runWorker(address, {
        backend,
        jobs: jobs ?? null,
        dataDir,
        modules: allowModules,
        takeoverMs: 1000 * takeover,
        io: { ...io, stderr: (text) => io.stderr(redacted(address, text)) },
      });
    });
}
