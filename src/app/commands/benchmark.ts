import { join } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { PROFILES } from "#study/benchmark/workloads.ts";
import { type CommandIo, Exited, Failure, Interrupted, UsageError } from "../io.ts";
import { requireTurbo } from "../session/turbo.ts";
import { commandLine } from "./command_line.ts";
import { parseMinutes, parsePath } from "./parsers.ts";
import { LATER, POLL_MS } from "./shard_codes.ts";
import { queueOption, sessionOptions, studyCommand, turboOption } from "./study_options.ts";

/** `benchmark`: all families of schedules at equal tuning budgets, over workloads and lengths. */
export function benchmarkCommand(io: CommandIo) {
  return studyCommand("benchmark", "benchmark-<profile>")
    .description(
      "Trains every family of schedules with equal tuning budgets on several workloads and lengths, each an experiment " +
        "of its own in the result's folder, and ranks them. The same command goes on where it was stopped.",
    )
    .addOption(turboOption())
    .addOption(queueOption())
    .addOption(
      new Option("--minutes <count>", "begin no run later than this, and save what there is").argParser(
        parseMinutes,
      ),
    )
    .addOption(
      new Option("--from <dir>", "train nothing: read the runs in this folder, joining shards that are there")
        .argParser(
          parsePath,
        ),
    )
    .addOption(new Option("--write <file>", "also write the tables as Markdown").argParser(parsePath))
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for the options)")
    .action(async ({ minutes, from, write, profile: name = "quick", shard, wait, ...options }) => {
      requireTurbo(options);
      const profile = PROFILES.find((one) => one.name === name);
      if (!profile) {
        throw new UsageError(
          `Unknown profile ${JSON.stringify(name)}: expected ${PROFILES.map(({ name }) => name).join(", ")}`,
        );
      }
      if (options.dataset !== undefined) {
        throw new UsageError("The benchmark names its data sets: leave out --dataset");
      }
      if (shard === undefined && wait) throw new UsageError("--wait says nothing without --shard");
      if (from !== undefined && (shard !== undefined || options.out !== undefined)) {
        throw new UsageError("--from trains nothing: leave out --shard and --out");
      }
      const out = from ?? options.out ?? join("runs", `benchmark-${name}`);
      const invocation = { command: commandLine(Deno.args), exercise: null, introduction: "", folder: "." };
      const { joinSettings, placesOf, readBenchmark, trainSettings, writeBenchmark } = await import(
        "../benchmark/mod.ts"
      );
      const places = placesOf(profile, out, options.seeds ?? null);
      const trained = from === undefined
        ? await trainSettings(places, {
          options: { ...sessionOptions({ ...options, out }, invocation), quiet: false },
          shard: shard === undefined ? null : { ...shard, waitMs: wait ? POLL_MS : null },
          minutes: minutes ?? null,
        }, io)
        : await joinSettings(places, options.dataDir ?? null, io);
      if (shard === undefined) {
        const result = await readBenchmark(places, { profile, invocation, dataDir: options.dataDir ?? null });
        await writeBenchmark(out, result, { ...options, write: write ?? null }, io);
      }
      const { stopped, waiting, failures } = trained;
      if (stopped === "asked") throw new Interrupted();
      if (failures.length > 0) throw new Failure(failures.join("\n"));
      if (waiting.length > 0) {
        io.stderr(`Call this shard again when the others have trained their part of ${waiting.join(", ")}\n`);
        throw new Exited(LATER);
      }
    });
}
