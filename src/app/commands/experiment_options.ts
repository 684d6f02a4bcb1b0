import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { BACKENDS } from "#compute/device.ts";
import { TURBO_HELP } from "../session/turbo.ts";

/** The options that `exercise` and `train` share. */
export function experimentCommand(name: string) {
  return new Command(name)
    .addOption(new Option("--profile <name>", "how much to run: a profile of the spec"))
    .addOption(new Option("--dataset <name>", "another data set than the spec's"))
    .addOption(new Option("--data-dir <dir>", "folder that holds one folder per data set (default: data)"))
    .addOption(
      new Option("--backend <name>", "device to train on").choices(["auto", ...BACKENDS]).default(
        "auto" as const,
      ),
    )
    .addOption(
      new Option("--seeds <list>", "a list (1,2,3), a range (1-5) or how many (5)").argParser(parseSeeds),
    )
    .addOption(
      new Option("--jobs <count>", "runs at a time (default: one a core, one on a GPU)").argParser(
        parseCount,
      ),
    )
    .addOption(
      new Option("--threads <count>", "threads that share each batch (default: cores that runs leave idle)")
        .argParser(
          parseCount,
        ),
    )
    .addOption(new Option("--turbo", TURBO_HELP).default(false))
    .addOption(new Option("--out <dir>", "folder of the experiment (default: runs/<name>-<time>)"))
    .addOption(
      new Option("--resume", "go on with the experiment in --out, or the newest of this name").default(false),
    )
    .addOption(
      new Option("--fresh", "train every run, also those that an experiment beside --out has made").default(
        false,
      ),
    )
    .addOption(
      new Option("--checkpoint-every <seconds>", "least time between a run's checkpoints").default(30)
        .argParser(parseSeconds),
    )
    .addOption(new Option("--open", "open the report in the browser").default(false))
    .addOption(
      new Option("--format <format>", "json prints the summary alone on stdout").choices(["text", "json"])
        .default("text" as const),
    );
}

/** `1,2,3`, `1-5`, or `5` for the seeds 1 to 5. */
export function parseSeeds(text: string): number[] {
  const range = /^(\d+)-(\d+)$/.exec(text);
  const seeds = /^\d+$/.test(text)
    ? Array.from({ length: Math.min(Number(text), 1001) }, (_, index) => index + 1)
    : range
    ? Array.from(
      { length: Math.max(0, Math.min(Number(range[2]) - Number(range[1]) + 1, 1001)) },
      (_, index) => Number(range[1]) + index,
    )
    : /^\d+(,\d+)+$/.test(text)
    ? text.split(",").map(Number)
    : [];
  if (
    seeds.length < 1 || seeds.length > 1000 || new Set(seeds).size !== seeds.length ||
    seeds.some((seed) => seed >= 2 ** 31)
  ) {
    throw new InvalidArgumentError(
      "Expected a list such as 1,2,3 without repeats, a range such as 1-5, or how many, such as 5.",
    );
  }
  return seeds;
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 256) {
    throw new InvalidArgumentError("Expected a whole number from 1 to 256.");
  }
  return count;
}

export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === "" || !(seconds >= 0 && seconds <= 86_400)) {
    throw new InvalidArgumentError("Expected seconds from 0 to 86400.");
  }
  return seconds;
}
