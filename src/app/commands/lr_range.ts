import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import { BACKENDS } from "#compute/device.ts";
import { RULES } from "#stats/rate_suggestions.ts";
import { type CommandIo, Interrupted, UsageError } from "../io.ts";
import { parseSeconds, parseSeeds } from "./experiment_options.ts";

/** `range-test`: suggests a learning rate, with an interval, and tries it. */
export function rangeTestCommand(io: CommandIo) {
  return new Command("range-test")
    .description(
      "Learning-rate range test: raises the rate until the loss diverges, suggests rates, and judges them by short runs.",
    )
    .argument(
      "[spec]",
      "YAML file whose data set, model, optimizer, batch size and seeds are used; else built-in data",
    )
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for what is allowed)")
    .addOption(new Option("--profile <name>", "a profile of the spec"))
    .addOption(new Option("--dataset <name>", "another data set than the spec's"))
    .addOption(new Option("--data-dir <dir>", "folder that holds one folder per data set (default: data)"))
    .addOption(new Option("--model <name>", "another model than the spec's"))
    .addOption(
      new Option("--optimizer <name>", "another optimizer than the spec's, with its usual constants"),
    )
    .addOption(new Option("--batch-size <count>", "images in a batch").argParser(whole(1, 8192)))
    .addOption(new Option("--from <rate>", "first rate").argParser(rate).default(1e-6))
    .addOption(new Option("--to <rate>", "last rate").argParser(rate).default(10))
    .addOption(
      new Option("--steps <count>", "steps of the ramp").argParser(whole(20, 100_000)).default(200),
    )
    .addOption(
      new Option("--ramp <shape>", "equal ratios or equal differences between rates").choices(
        ["exponential", "linear"],
      ).default("exponential" as const),
    )
    .addOption(
      new Option("--smoothing <weight>", "weight of the past in the smoothed loss, below 1 (fastai: 0.98)")
        .argParser(smoothing).default(0.95),
    )
    .addOption(
      new Option("--seeds <list>", "a list (1,2,3), a range (1-5) or how many (5)").argParser(parseSeeds),
    )
    .addOption(
      new Option("--rule <name>", "rule whose suggestion is judged, where it has one").choices(RULES).default(
        "valley" as const,
      ),
    )
    .addOption(
      new Option(
        "--check-steps <count>",
        "steps of each short run that judges a rate; 0 for none (default: --steps)",
      )
        .argParser(whole(0, 1_000_000)),
    )
    .addOption(
      new Option("--backend <name>", "device to train on").choices(["auto", ...BACKENDS]).default(
        "auto" as const,
      ),
    )
    .addOption(
      new Option("--jobs <count>", "runs at a time (default: one a core, one on a GPU)").argParser(
        whole(1, 256),
      ),
    )
    .addOption(
      new Option("--threads <count>", "threads that share each batch (default: cores that ramps leave idle)")
        .argParser(whole(1, 256)),
    )
    .addOption(new Option("--out <dir>", "folder of the result (default: runs/range-test-<name>-<time>)"))
    .addOption(
      new Option("--resume", "go on with the range test in --out, or the newest of this name").default(false),
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
      new Option("--format <format>", "json prints range-test.json alone on stdout").choices(["text", "json"])
        .default("text" as const),
    )
    .action(async (file, options) => {
      if (!(options.to > options.from)) {
        throw new UsageError(`--to must be above --from: they are ${options.to} and ${options.from}`);
      }
      const [{ rangeTestSpec }, { runRangeTest }] = await Promise.all([
        import("./lr_range_spec.ts"),
        import("../session/lr_range.ts"),
      ]);
      const { name, spec, setup, seeds } = await rangeTestSpec(file, options, io);
      const { folder, result, report } = await runRangeTest({
        name,
        spec,
        setup,
        seeds,
        ramp: { from: options.from, to: options.to, steps: options.steps, shape: options.ramp },
        smoothing: options.smoothing,
        rule: options.rule,
        checkSteps: options.checkSteps ?? options.steps,
        command: commandLine(file, options),
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
        io.stdout(JSON.stringify({ ...result, folder }, null, 2) + "\n");
      } else {
        const { renderTerminal } = await import("#report/render/terminal.ts");
        const color = io.isTerminal && !io.env("NO_COLOR");
        io.stdout(renderTerminal(report, { columns: io.columns, color, page }));
      }
      if (options.open) await (await import("../open.ts")).openInBrowser(page, io);
      if (!result.complete) throw new Interrupted();
    });
}

/** The command that makes it again, with the options that change what is measured. */
function commandLine(file: string | undefined, options: Readonly<Record<string, unknown>>): string {
  const quoted = (text: string) => /^[\w./:,@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
  const told = [
    "profile",
    "dataset",
    "dataDir",
    "model",
    "optimizer",
    "batchSize",
    "from",
    "to",
    "steps",
    "ramp",
    "smoothing",
    "seeds",
    "rule",
    "checkSteps",
    "backend",
    "threads",
  ];
  const parts = ["deno task range-test", ...(file === undefined ? [] : [quoted(file)])];
  for (const key of told) {
    const value = options[key];
    if (value === undefined) continue;
    const text = Array.isArray(value) && value.length === 1 ? `${value[0]}-${value[0]}` : String(value);
    parts.push(`--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${quoted(text)}`);
  }
  return parts.join(" ");
}

function rate(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value > 0 && value < 1e30)) {
    throw new InvalidArgumentError("Expected a rate above 0 and below 1e30, such as 1e-6.");
  }
  return value;
}

function smoothing(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= 0 && value <= 0.999)) throw new InvalidArgumentError("Expected a number from 0 to 0.999.");
  return value;
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= least && value <= most)) {
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}
