import { Option } from "@commander-js/extra-typings";
import type { CommandIo } from "../io.ts";
import { newCommand } from "./command.ts";
import { dataDirOption } from "./options.ts";
import { parseCount, parsePath, wholeNumber } from "./parsers.ts";
import { backendOption, queueOption } from "./study_options.ts";

/** `worker`: trains the runs that sessions put into a queue. */
export function workerCommand(io: CommandIo) {
  return newCommand("worker", io)
    .description(
      "Trains the runs of `train`, `exercise`, `sweep`, `benchmark` and `resume` with the same --queue, until it is stopped.",
    )
    .addOption(queueOption().makeOptionMandatory())
    .addOption(dataDirOption(" (default: data)"))
    .addOption(backendOption())
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
