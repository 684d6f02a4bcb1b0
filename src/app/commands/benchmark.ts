import { join } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { type Profile, PROFILES } from "#study/benchmark/workloads.ts";
import { type CommandIo, Exited, Failure, Interrupted, UsageError } from "../io.ts";
import { requireTurbo } from "../machine/turbo.ts";
import { ownInvocation } from "./command_line.ts";
import { parseMinutes, parsePath } from "./parsers.ts";
import { LATER, POLL_MS } from "./shard_codes.ts";
import { queueOption, sessionOptions, studyCommand, turboOption } from "./study_options.ts";

/** `benchmark`: all families of schedules at equal tuning budgets, over workloads and lengths. */
export function benchmarkCommand(io: CommandIo) {
  const names = PROFILES.map(({ name }) => name).join(", ");
  return studyCommand("benchmark", "benchmark-<profile>", io)
    .description(
      "Trains every family of schedules with equal tuning budgets on several workloads and lengths, each an experiment " +
        `of its own in the result's folder, and ranks them. Sizes: --profile ${names} (default: ${
          PROFILES[0]!.name
        }). The ` +
        "same command goes on where it was stopped, with or without --resume.",
    )
    .addOption(turboOption())
    .addOption(queueOption())
    .addOption(
      new Option("--minutes <count>", "begin no run later than this, and save what there is").argParser(
        parseMinutes,
      ),
    )
    .addOption(
      new Option("--from <dir>", "train nothing: read the runs in this folder, and join its shards")
        .argParser(
          parsePath,
        ),
    )
    .addOption(new Option("--write <file>", "also write the tables as Markdown").argParser(parsePath))
    .action(async ({ minutes, from, write, profile: name, shard, wait, seeds, ...options }) => {
      requireTurbo(options);
      checkTogether({ ...options, minutes, from, write, shard, wait });
      const { joinSettings, placesOf, profileIn, readBenchmark, trainSettings, writeBenchmark } =
        await import(
          "../benchmark/mod.ts"
        );
      const profile = profileNamed(name ?? (from && await profileIn(from)) ?? PROFILES[0]!.name);
      const out = from ?? options.out ?? join("runs", `benchmark-${profile.name}`);
      const invocation = ownInvocation(".", ["--minutes", "--write", "--from"]);
      const places = placesOf(profile, out, seeds ?? null);
      const { stopped, waiting, failures } = from === undefined
        ? await trainSettings(places, {
          options: sessionOptions(options, invocation),
          shard: shard === undefined ? null : { ...shard, waitMs: wait ? POLL_MS : null },
          minutes: minutes ?? null,
        }, io)
        : await joinSettings(places, options.dataDir ?? null, io);
      if (shard === undefined) {
        const dataDir = options.dataDir ?? null;
        const result = await readBenchmark(places, { profile, invocation, dataDir });
        await writeBenchmark(out, result, { ...options, write: write ?? null }, io);
      }
      if (stopped === "asked") throw new Interrupted();
      if (failures.length > 0) throw new Failure(failures.join("\n"));
      if (waiting.length > 0) {
        io.stderr(`Call this shard again when the others have trained their part of ${waiting.join(", ")}\n`);
        throw new Exited(LATER);
      }
    });
}

interface Asked {
  readonly dataset?: string | undefined;
  readonly out?: string | undefined;
  readonly from?: string | undefined;
  readonly minutes?: number | undefined;
  readonly write?: string | undefined;
  readonly shard?: unknown;
  readonly wait: boolean;
  readonly open: boolean;
}

/** @throws {UsageError} for options that do not go together. */
function checkTogether({ dataset, out, from, minutes, write, shard, wait, open }: Asked): void {
  const refused: readonly [boolean, string][] = [
    [dataset !== undefined, "The benchmark names its data sets: leave out --dataset"],
    [shard === undefined && wait, "--wait says nothing without --shard"],
    [
      from !== undefined && (shard !== undefined || out !== undefined || minutes !== undefined),
      "--from trains nothing: leave out --shard, --out and --minutes",
    ],
    [
      shard !== undefined && (open || write !== undefined),
      "--shard trains a part: leave out --open and --write, and give them with --from",
    ],
  ];
  const wrong = refused.find(([isWrong]) => isWrong);
  if (wrong) throw new UsageError(wrong[1]);
}

/** @throws {UsageError} for a name that no profile has. */
function profileNamed(name: string): Profile {
  const found = PROFILES.find((one) => one.name === name);
  if (found) return found;
  throw new UsageError(
    `Unknown profile ${JSON.stringify(name)}: expected ${PROFILES.map(({ name }) => name).join(", ")}`,
  );
}
