import { dirname } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { RULES } from "#stats/rate_suggestions.ts";
import type { Spec } from "#spec/schema.ts";
import { type CommandIo, UsageError } from "../io.ts";
import type { SpecOptions } from "../studies/study_spec.ts";
import { ownInvocation } from "./command_line.ts";
import { parseRate, parseSmoothing, wholeNumber } from "./parsers.ts";
import { studyCommand } from "./study_options.ts";

/** The spec of a range test without a file. A range test ignores its arms. */
const BUILT_IN = `name: built-in
dataset: { name: shapes-16, train: 1600, validation: 500, test: 100 }
model: cnn-small
batch_size: 32
duration: 1 epoch
seeds: [1, 2, 3, 4, 5]
arms: [{ name: none, schedule: { name: constant, lr: 0.01 } }]
`;

/** `range-test`: recommends a learning rate by short runs around what ramps suggest. */
export function rangeTestCommand(io: CommandIo) {
  return studyCommand("range-test", "range-test-<name>-<time>", io)
    .description(
      "Learning-rate range test: raises the rate until the loss diverges, then recommends the rate that does best in short runs.",
    )
    .argument(
      "[spec]",
      "a YAML file, of which data set, model, optimizer, batch size and seeds are used (default: the built-in data set)",
    )
    .addOption(new Option("--model <name>", "model in place of the spec's"))
    .addOption(
      new Option("--optimizer <name>", "optimizer in place of the spec's, with its default constants"),
    )
    .addOption(new Option("--batch-size <count>", "images in a batch").argParser(wholeNumber(1, 8192)))
    .addOption(new Option("--from <rate>", "first rate").argParser(parseRate).default(1e-6))
    .addOption(new Option("--to <rate>", "last rate").argParser(parseRate).default(10))
    .addOption(
      new Option("--steps <count>", "steps of the ramp").argParser(wholeNumber(20, 100_000)).default(200),
    )
    .addOption(
      new Option(
        "--ramp <shape>",
        "rates of neighbouring steps: equal ratios (exponential) or differences (linear)",
      )
        .choices(["exponential", "linear"]).default("exponential" as const),
    )
    .addOption(
      new Option("--smoothing <weight>", "weight of the past in the smoothed loss, below 1 (fastai: 0.98)")
        .argParser(parseSmoothing).default(0.95),
    )
    .addOption(
      new Option(
        "--rule <name>",
        "rule around whose suggestion short runs try rates; the first with one, where it has none",
      )
        .choices(RULES).default("valley" as const),
    )
    .addOption(
      new Option(
        "--check-steps <count>",
        "steps of each short run; 0 for no short runs (default: --steps)",
      )
        .argParser(wholeNumber(0, 1_000_000)),
    )
    .action(async (file, options) => {
      const { from, to, steps, ramp: shape, smoothing, rule, checkSteps = steps } = options;
      if (!(to > from)) throw new UsageError(`--to must be above --from: they are ${to} and ${from}`);
      const { lrRangeTest, runStudy } = await import("./study_modules.ts");
      const spec = await testedSpec(file, options, io);
      const study = lrRangeTest(spec, { ramp: { from, to, steps, shape }, smoothing, rule, checkSteps });
      const folder = file === undefined ? "." : dirname(file);
      await runStudy(study, ownInvocation(folder), options, io);
    });
}

interface Tested extends SpecOptions {
  readonly model?: string | undefined;
  readonly optimizer?: string | undefined;
  readonly batchSize?: number | undefined;
}

/**
 * A spec whose values options replace; another optimizer comes with its default constants.
 *
 * @throws {UsageError} for a file that cannot be read.
 * @throws {SpecError} for a spec or an option that is wrong.
 */
async function testedSpec(file: string | undefined, options: Tested, io: CommandIo): Promise<Spec> {
  const { studySpec } = await import("./study_modules.ts");
  const { model, optimizer, batchSize } = options;
  const text = file === undefined ? BUILT_IN : await io.readText(file);
  const spec = studySpec({ file: file ?? "options", text }, options, {
    ...(model !== undefined && { model }),
    ...(batchSize !== undefined && { batch_size: batchSize }),
  });
  if (optimizer === undefined || optimizer === spec.optimizer.name) return spec;
  const usual = studySpec({ file: "options", text: BUILT_IN }, {}, { "optimizer.name": optimizer });
  return { ...spec, optimizer: usual.optimizer };
}
