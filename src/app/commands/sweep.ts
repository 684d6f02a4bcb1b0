import { dirname } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { parseDuration } from "#lib/duration.ts";
import { parseTime } from "#lib/time.ts";
import { settingsOf } from "#spec/plan_run.ts";
import { lookCounts } from "#spec/looks.ts";
import { USUAL_MARGINS } from "#spec/margins.ts";
import type { Spec } from "#spec/schema.ts";
import { AXIS_HELP, readAxis, specAxes, type SweepAxis } from "#spec/sweep/axes.ts";
import { METHODS, type SweepRequest, sweptArm } from "#spec/sweep/request.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { requireTurbo } from "../machine/turbo.ts";
import type { SpecOptions } from "../studies/study_spec.ts";
import { ownInvocation } from "./command_line.ts";
import { parseLength, parseNumber, repeated, wholeNumber } from "./parsers.ts";
import { trainingCommand } from "./study_options.ts";

/** `sweep`: cells over any paths of a spec, with the best region, or that there is no detectable difference. */
export function sweepCommand(io: CommandIo) {
  const command = trainingCommand("sweep", "<name>-sweep-<time>", io)
    .description(
      "Trains one arm with each combination of values of a spec's keys, all with the same budget and seeds, and reports " +
        "the best cell and the cells that are not detectably worse.",
    )
    .argument("<spec>", "spec of the experiment: a YAML file, described in docs/spec.md")
    .addOption(
      new Option(
        "--over <axis>",
        `values to try at one path of the spec; give it once for each path (default: the spec's own sweep); ${AXIS_HELP}`,
      )
        .argParser(repeated).default([] as string[], "none"),
    )
    .addOption(
      new Option("--method <name>", "choice of the cells (combinations of values) that are trained").choices(
        METHODS,
      ).default("grid" as const),
    )
    .addOption(
      new Option("--samples <count>", "cells to draw at random (default for halving: every combination)")
        .argParser(wholeNumber(0, 2 ** 31 - 1)),
    )
    .addOption(
      new Option("--draw <seed>", "seed of the random draw").argParser(wholeNumber(0, 2 ** 31 - 1)).default(
        1,
      ),
    )
    .addOption(
      new Option("--eta <number>", "halving: the best 1/eta of the cells reach the next rung").argParser(
        parseNumber,
      )
        .default(3),
    )
    .addOption(
      new Option("--max-duration <length>", "length of a full run, such as '3 epochs' (default: the spec's)")
        .argParser(parseLength),
    )
    .addOption(
      new Option("--min-duration <length>", "halving: length of the shortest rung, such as '1 epoch' or 10%")
        .argParser(parseLength),
    )
    .addOption(
      new Option("--arm <name>", "arm to sweep (default: the one that --over names, else the first)"),
    )
    .addOption(
      new Option(
        "--all",
        "run all seeds, also where the first ones show no difference and the others cannot change that",
      ).default(
        false,
      ),
    );
  return command.action(async (file, options) => {
    requireTurbo(options);
    const { runStudy, studySpec, sweep, VOCABULARY } = await import("./study_modules.ts");
    const spec = studySpec({ file, text: await io.readText(file) }, specOptions(options));
    const study = sweep(spec, requestOf(spec, options), VOCABULARY);
    await runStudy(study, ownInvocation(dirname(file)), options, io);
  });
}

/**
 * The seeds of the command are those of the sweep, whatever the spec's experiment does. Rungs of successive halving and
 * `--all` leave no room for looks.
 */
function specOptions(
  { profile, dataset, seeds, until, budget, method, all }: SpecOptions & Asked,
): SpecOptions {
  if (method === "halving" || all) {
    if (until === "decided" || budget !== undefined) {
      throw new UsageError(
        `${
          method === "halving" ? "--method halving" : "--all"
        } runs all seeds: leave out --until decided and --budget`,
      );
    }
    return { profile, dataset, until: "all" };
  }
  return { profile, dataset, until, budget, ...(until === "decided" && { seeds }) };
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
  readonly until?: SpecOptions["until"];
}

/** Options and the spec's own `sweep` to a request. @throws {UsageError} for what cannot be read or does not fit. */
export function requestOf(spec: Spec, asked: Asked): SweepRequest {
  try {
    const axes: SweepAxis[] = asked.over.length > 0 ? asked.over.map(readAxis) : specAxes(spec);
    if (axes.length === 0) {
      throw new SyntaxError(`Nothing to sweep over: add --over, or \`sweep:\` to the spec; ${AXIS_HELP}`);
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
      ...seedsOf(spec, asked),
      duration,
      min_duration: asked.minDuration ?? null,
      all: asked.all,
    };
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) throw new UsageError(error.message);
    throw error;
  }
}

function seedsOf(spec: Spec, { seeds, until, all, method }: Asked): Pick<SweepRequest, "seeds" | "looks"> {
  const { looks } = spec;
  const given = seeds ?? spec.sweep?.seeds ?? spec.seeds;
  const isFixed = !looks || all || method === "halving" || (seeds !== undefined && until !== "decided");
  if (isFixed) return { seeds: given };
  const own = until === "decided" ? spec.seeds : given;
  const at = lookCounts(spec, own);
  return {
    seeds: own.slice(0, at.at(-1)),
    looks: {
      at,
      budget_s: parseTime(looks.budget ?? ""),
      margin: spec.margin?.accuracy ?? USUAL_MARGINS.accuracy,
    },
  };
}
