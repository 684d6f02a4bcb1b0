import { Option } from "@commander-js/extra-typings";
import { type BackendChoice, BACKENDS } from "#compute/device.ts";
import type { CommandIo } from "../io.ts";
import { PASSWORD_VARIABLE, queueAddress } from "../queue/address.ts";
import type { SessionOptions } from "../session/options.ts";
import { TURBO_HELP } from "../machine/turbo.ts";
import type { Invocation } from "../storage/invocation.ts";
import type { Part } from "../storage/shards.ts";
import type { SpecOptions } from "../studies/study_spec.ts";
import { newCommand } from "./command.ts";
import { dataDirOption, formatOption, openOption, verboseOption } from "./options.ts";
import {
  parseCount,
  parsePath,
  parsePort,
  parseRunTime,
  parseSeconds,
  parseSeeds,
  parseShard,
} from "./parsers.ts";

/** Options of every training command, as commander parses them. */
export interface StudyOptions {
  readonly dataDir?: string | undefined;
  readonly backend: BackendChoice;
  readonly jobs?: number | undefined;
  readonly threads?: number | undefined;
  readonly out?: string | undefined;
  readonly resume: boolean;
  readonly fresh: boolean;
  readonly checkpointEvery: number;
  readonly log?: "tensorboard" | undefined;
  /** A port, or true for the usual one. */
  readonly serve?: number | true | undefined;
  /** Address of a queue whose workers train. */
  readonly queue?: string | undefined;
}

/** Options of commands whose study can be split. */
export interface ShardOptions {
  readonly shard?: Part | undefined;
  readonly wait: boolean;
}

/** An end of an experiment: all seeds, or as many as the evidence needs. */
const UNTIL = ["decided", "all"] as const satisfies readonly SpecOptions["until"][];
export type Until = typeof UNTIL[number];

/**
 * A command that runs a study of a spec, with the options that all of them share.
 *
 * @param folder default of `--out`.
 */
export function studyCommand(name: string, folder: string, io: CommandIo) {
  return newCommand(name, io)
    .addOption(new Option("--profile <name>", "a profile of the spec, which sets the size of the experiment"))
    .addOption(new Option("--dataset <name>", "data set in place of the spec's"))
    .addOption(
      new Option(
        "--seeds <list>",
        "seeds in place of the spec's: a list (1,2,3), a range (1-5) or a count (5)",
      ).argParser(parseSeeds),
    )
    .addOption(dataDirOption(" (default: data)"))
    .addOption(backendOption())
    .addOption(jobsOption())
    .addOption(threadsOption())
    .addOption(
      new Option("--out <dir>", `folder of the result (default: runs/${folder})`).argParser(parsePath),
    )
    .addOption(
      new Option("--resume", "continue the experiment in --out, or in the newest folder of this name")
        .default(
          false,
        ),
    )
    .addOption(
      new Option("--fresh", "train every run, also those that an experiment beside --out already has")
        .default(
          false,
        ),
    )
    .addOption(
      new Option(
        "--shard <part>",
        "train one part of the runs, such as 2/3: the second of three, each a process of its own with the same options " +
          "and --out; `report` joins them",
      ).argParser(parseShard),
    )
    .addOption(
      new Option("--wait", "with --shard: wait for the runs of other shards, where a stage needs them")
        .default(false),
    )
    .addOption(checkpointOption())
    .addOption(openOption())
    .addOption(verboseOption())
    .addOption(formatOption());
}

/** One of the three commands that train a whole study: a {@link studyCommand} that can be watched, logged, queued and ended. */
export function trainingCommand(name: string, folder: string, io: CommandIo) {
  return studyCommand(name, folder, io)
    .addOption(untilOption())
    .addOption(budgetOption())
    .addOption(turboOption())
    .addOption(logOption())
    .addOption(serveOption())
    .addOption(queueOption());
}

export const backendOption = () =>
  new Option("--backend <name>", "device to train on")
    .choices(["auto", ...BACKENDS]).default("auto" as const);
export const jobsOption = () =>
  new Option("--jobs <count>", "runs at a time (default: one per core, or as many as fill a GPU)").argParser(
    parseCount,
  );
export const threadsOption = () =>
  new Option("--threads <count>", "threads that share each batch (default: the cores that runs leave idle)")
    .argParser(parseCount);
export const checkpointOption = () =>
  new Option("--checkpoint-every <seconds>", "shortest time between a run's checkpoints")
    .default(30).argParser(parseSeconds);
export const logOption = () =>
  new Option(
    "--log <format>",
    "tensorboard: also write each run as an event file, into the folder tensorboard of the result",
  ).choices(["tensorboard"] as const);
export const serveOption = () =>
  new Option(
    "--serve [port]",
    "show the report's first screen as it grows, on a page of this machine alone (default port: 7447, or a free one)",
  ).argParser(parsePort);
/** Its value is read late: Commander would print a wrong one, and with it a password. */
export const queueOption = () =>
  new Option(
    "--queue <url>",
    `the workers at this Redis train: redis://HOST, or rediss://HOST for TLS; ${PASSWORD_VARIABLE} may hold the password`,
  );
const untilOption = () =>
  new Option(
    "--until <end>",
    "decided: seeds are added in looks until the questions are answered; all: every seed is run (default: decided " +
      "where the spec plans looks and --seeds is not given)",
  ).choices(UNTIL);
const budgetOption = () =>
  new Option(
    "--budget <time>",
    "with looks: no further one begins that would end later, such as '60 s' or '15 min'",
  )
    .argParser(parseRunTime);
export const turboOption = () => new Option("--turbo", TURBO_HELP).default(false);

/** The session that the options ask for. */
export function sessionOptions(options: StudyOptions, invocation: Invocation): SessionOptions {
  return {
    invocation,
    dataDir: options.dataDir ?? null,
    backend: options.backend,
    jobs: options.jobs ?? null,
    threads: options.threads ?? null,
    out: options.out ?? null,
    resume: options.resume,
    fresh: options.fresh,
    earlier: null,
    checkpointS: options.checkpointEvery,
    tensorboard: options.log === "tensorboard",
    ...(options.queue !== undefined && {
      queue: queueAddress(options.queue, (name) => Deno.env.get(name)),
    }),
    ...(options.serve !== undefined && { serve: options.serve === true ? null : options.serve }),
  };
}
