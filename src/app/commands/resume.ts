import { Option } from "@commander-js/extra-typings";
import { BACKENDS } from "#compute/device.ts";
import { HORIZON_POLICIES, type HorizonPolicy } from "#spec/longer.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { newCommand } from "./command.ts";
import { requireTurbo } from "../machine/turbo.ts";
import { dataDirOption, formatOption, openOption, verboseOption } from "./options.ts";
import { parsePath, wholeNumber } from "./parsers.ts";
import {
  checkpointOption,
  jobsOption,
  logOption,
  queueOption,
  serveOption,
  threadsOption,
  turboOption,
} from "./study_options.ts";

/** `resume`: finishes an experiment, proves that resumption is exact, or makes an experiment longer. */
export function resumeCommand(io: CommandIo) {
  return newCommand("resume", io)
    .description("Resumes the experiment in a folder, as if it had never stopped.")
    .argument("<folder>", "the folder of an experiment, as written by `train` or `exercise`")
    .addOption(dataDirOption(" (default: the experiment's)"))
    .addOption(
      new Option("--backend <name>", "device to train on (default: the one it was begun on)")
        .choices(["auto", ...BACKENDS] as const),
    )
    .addOption(jobsOption())
    .addOption(threadsOption())
    .addOption(turboOption())
    .addOption(logOption())
    .addOption(serveOption())
    .addOption(queueOption())
    .addOption(checkpointOption())
    .addOption(openOption())
    .addOption(verboseOption())
    .addOption(formatOption())
    .addOption(
      new Option("--verify", "prove that resuming a run gives the same bits; changes nothing in the folder")
        .default(false),
    )
    .addOption(new Option("--run <id>", "with --verify: the run (default: the first arm's first)"))
    .addOption(
      new Option("--steps <count>", "with --verify: number of its steps (default: all)").argParser(
        wholeNumber(2),
      ),
    )
    .addOption(
      new Option(
        "--duration <length>",
        "a new experiment whose runs start from the ends of these, up to this total length; needs --then",
      ),
    )
    .addOption(
      new Option(
        "--then <word>",
        `with --duration: ${Object.entries(HORIZON_POLICIES).map((entry) => entry.join(": ")).join("; ")}`,
      ).choices(Object.keys(HORIZON_POLICIES) as HorizonPolicy[]),
    )
    .addOption(
      new Option("--out <dir>", "with --duration: the new folder (default: runs/<name>-<time>)").argParser(
        parsePath,
      ),
    )
    .action(async (folder, options) => {
      checkTogether(options);
      requireTurbo(options);
      const { longerStudy, openExperiment, openSession, present, sameStudy, sessionOf, verify, VOCABULARY } =
        await import("./resume_study.ts");
      const kept = { folder, ...await openExperiment(folder, VOCABULARY) };
      const place = await sessionOf(kept, options);
      if (options.verify) return await verify(kept.spec, options, place, io);
      const { study, changes } = options.duration === undefined
        ? await sameStudy(kept)
        : longerStudy(kept, options.duration, options.then!);
      await present(await openSession(place, io).run(study, changes), options, io);
    });
}

/** @throws {UsageError} for options that say nothing without each other. */
function checkTogether(
  { verify, duration, then, out, run, steps, serve, log, queue }: Readonly<Record<string, unknown>>,
): void {
  const stray = (wanted: string, given: Readonly<Record<string, unknown>>) => {
    const name = Object.keys(given).find((name) => given[name] !== undefined);
    if (name) throw new UsageError(`--${name} says nothing without ${wanted}`);
  };
  if (!verify) stray("--verify", { run, steps });
  else if (serve !== undefined || log !== undefined || queue !== undefined) {
    throw new UsageError(
      "--verify trains in a scratch folder of its own: leave out --serve, --log and --queue",
    );
  }
  if (duration === undefined) return stray("--duration", { then, out });
  if (verify) throw new UsageError("--verify proves, --duration trains on: give one of them");
  if (then !== undefined) return;
  const words = Object.entries(HORIZON_POLICIES).map(([word, meaning]) =>
    `  --then ${word.padEnd(8)} ${meaning}`
  );
  throw new UsageError(
    `A run of another length needs a word on what its schedule does:\n${words.join("\n")}`,
  );
}
