import { dirname, join } from "node:path";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseDuration } from "#lib/duration.ts";
import { settingsOf } from "#spec/plan_run.ts";
import type { Spec } from "#spec/schema.ts";
import { AXIS_HELP, readAxis, specAxes, type SweepAxis } from "#spec/sweep/axes.ts";
import { METHODS, type SweepRequest, sweptArm } from "#spec/sweep/request.ts";
import { type CommandIo, Interrupted, UsageError } from "../io.ts";
import { openInBrowser } from "../open.ts";
import { relaunchTurbo } from "../session/turbo.ts";
import { experimentCommand } from "./experiment_options.ts";

/** `sweep`: cells over any path of a spec, the best region, and whether there is a difference at all. */
export function sweepCommand(io: CommandIo) {
  const command = experimentCommand("sweep")
    .description(
      "Tries values of any keys of a spec, each with the same budget and seeds, and shows the best region.",
    )
    .argument("<spec>", "YAML file; see the README")
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for what is allowed)")
    .addOption(
      new Option(
        "--over <axis>",
        `an axis, as often as there are axes (default: the spec's own sweep); ${AXIS_HELP}`,
      )
        .argParser((text: string, before: string[]) => [...before, text]).default([] as string[], "none"),
    )
    .addOption(
      new Option("--method <name>", "how cells are chosen").choices(METHODS).default("grid" as const),
    )
    .addOption(
      new Option("--samples <count>", "cells to draw at random (default for halving: every combination)")
        .argParser(whole),
    )
    .addOption(new Option("--draw <seed>", "seed of the draw").argParser(whole).default(1))
    .addOption(
      new Option("--eta <number>", "halving: the best 1/eta of the cells go on").argParser(number).default(3),
    )
    .addOption(
      new Option("--max-duration <length>", "length of a full run, such as '3 epochs' (default: the spec's)")
        .argParser(
          length,
        ),
    )
    .addOption(
      new Option("--min-duration <length>", "halving: length of the shortest rung, such as '1 epoch' or 10%")
        .argParser(
          length,
        ),
    )
    .addOption(
      new Option("--arm <name>", "arm to sweep (default: the one that a path leads into, else the first)"),
    )
    .addOption(
      new Option("--all", "run all seeds also where no difference can be seen and none could be").default(
        false,
      ),
    );
  return command.action(async (file, options) => {
    const { isTurbo } = await import("#compute/wasm/device.ts");
    if (options.turbo && !isTurbo()) return await relaunchTurbo();
    const [{ parseSpec }, { MODELS }, { DATASET_NAMES }, { sweep }] = await Promise.all([
      import("#spec/parse.ts"),
      import("#compute/models.ts"),
      import("#datasets/catalog.ts"),
      import("../session/sweep.ts"),
    ]);
    const vocabulary = { datasets: DATASET_NAMES, models: Object.keys(MODELS) };
    const spec = parseSpec(await io.readText(file), {
      file,
      profile: options.profile ?? null,
      overrides: options.dataset === undefined ? {} : { "dataset.name": options.dataset },
    }, vocabulary);
    const { folder, outcome, report, interrupted } = await sweep({
      spec,
      request: requestOf(spec, options),
      vocabulary,
      folder: dirname(file),
      command: commandLine(),
      dataDir: options.dataDir ?? null,
      backend: options.backend,
      jobs: options.jobs ?? null,
      threads: options.threads ?? null,
      out: options.out ?? null,
      resume: options.resume,
      fresh: options.fresh,
      checkpointS: options.checkpointEvery,
    }, io);
    const page = join(folder, "report.html");
    if (options.format === "json") {
      io.stdout(JSON.stringify({ ...outcome, folder }, null, 2) + "\n");
    } else {
      const { renderTerminal } = await import("#report/render/terminal.ts");
      const color = io.isTerminal && !io.env("NO_COLOR");
      io.stdout(renderTerminal(report, { columns: io.columns, color, page }));
    }
    if (options.open) await openInBrowser(page, io);
    if (interrupted) throw new Interrupted();
  });
}

interface Asked {
  readonly over: readonly string[];
  readonly method: SweepRequest["method"];
  readonly samples?: number | undefined;
  readonly draw: number;
  readonly eta: number;
  readonly maxDuration?: string | undefined;
  readonly minDuration?: string | undefined;
  readonly arm?: string | undefined;
  readonly seeds?: readonly number[] | undefined;
  readonly all: boolean;
}

/** Options and the spec's own `sweep` to a request. @throws {UsageError} for what cannot be read or does not fit. */
export function requestOf(spec: Spec, asked: Asked): SweepRequest {
  try {
    const axes: SweepAxis[] = asked.over.length > 0 ? asked.over.map(readAxis) : specAxes(spec);
    if (axes.length === 0) {
      throw new SyntaxError(`Nothing to sweep over: add --over, or a sweep to the spec. ${AXIS_HELP}`);
    }
    const twice = axes.find(({ path }, index) => axes.findIndex((other) => other.path === path) !== index);
    if (twice) {
      throw new SyntaxError(`Cannot sweep over ${twice.path} twice: give it once, with all its values`);
    }
    if (asked.method === "grid" && asked.samples !== undefined) {
      throw new RangeError("A grid takes every combination: --samples goes with --method random or halving");
    }
    if (asked.method !== "halving" && asked.minDuration !== undefined) {
      throw new RangeError("--min-duration goes with --method halving");
    }
    const arm = sweptArm(spec, axes, asked.arm ?? null);
    const duration = asked.maxDuration ?? settingsOf(spec, arm).duration;
    if (parseDuration(duration).unit === "percent") {
      throw new RangeError(`--max-duration is in epochs or steps; it is ${duration}`);
    }
    return {
      axes,
      arm: arm.name,
      method: asked.method,
      samples: asked.samples ?? null,
      draw: asked.draw,
      eta: asked.eta,
      seeds: asked.seeds ?? spec.sweep?.seeds ?? spec.seeds,
      duration,
      min_duration: asked.minDuration ?? null,
      all: asked.all,
    };
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) throw new UsageError(error.message);
    throw error;
  }
}

/** The command as it was typed, without what only says where the result goes. */
function commandLine(): string {
  const quoted = (text: string) => /^[\w./:,@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
  const kept: string[] = [];
  for (let index = 0; index < Deno.args.length; index++) {
    const argument = Deno.args[index]!;
    if (["--resume", "--open"].includes(argument)) continue;
    if (["--out", "--format"].includes(argument)) index++;
    else if (!/^--(out|format)=/.test(argument)) kept.push(quoted(argument));
  }
  return `deno task ${kept.join(" ")}`;
}

function whole(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < 0 || value >= 2 ** 31) {
    throw new InvalidArgumentError("Expected a whole number.");
  }
  return value;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}

function length(text: string): string {
  try {
    const { value } = parseDuration(text);
    if (value > 0) return text;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  throw new InvalidArgumentError("Expected a length above 0.");
}
