import { Argument, Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { BACKENDS } from "#compute/device.ts";
import { MODELS } from "#compute/models.ts";
import { isTurbo } from "#compute/wasm/device.ts";
import type { DataFigures } from "#bench/data.ts";
import type { KernelsReport } from "#bench/kernels.ts";
import type { StartupFigures } from "#bench/startup.ts";
import type { Spread } from "#bench/statistics.ts";
import type { StepFigures } from "#bench/step.ts";
import type { ToolkitFigures } from "#bench/toolkit.ts";
import { assertNever } from "#lib/assert_never.ts";
import type { CommandIo } from "../io.ts";
import { relaunchTurbo, TURBO_HELP } from "../turbo.ts";

/** `bench`: figures of this machine, beside PyTorch where it is installed. */
export function benchCommand(io: CommandIo) {
  return new Command("bench")
    .description("Figures of this machine, beside PyTorch in alternation where a Python here has it.")
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .addArgument(
      new Argument("[what]", "what to time").choices(["kernels", "step", "toolkit", "startup", "data"])
        .default(
          "step" as const,
        ),
    )
    .addOption(
      new Option("--backend <name>", "device of the step").choices(BACKENDS).default("wasm" as const),
    )
    .addOption(new Option("--model <name>", "model").choices(Object.keys(MODELS)).default("cnn-small"))
    .addOption(new Option("--batch <count>", "images in a batch").argParser(count).default(64))
    .addOption(new Option("--steps <count>", "updates in a round").argParser(count).default(20))
    .addOption(
      new Option("--rounds <count>", "rounds, ours and PyTorch's in turn").argParser(count).default(7),
    )
    .addOption(
      new Option("--threads <count>", "threads that share each batch (wasm)").argParser(count).default(1),
    )
    .addOption(
      new Option("--runs <count>", "runs at once, each on threads of its own").argParser(count).default(1),
    )
    .addOption(new Option("--peer-threads <count>", "threads of PyTorch").argParser(count).default(2))
    .addOption(new Option("--no-peer", "without PyTorch"))
    .addOption(new Option("--data-dir <dir>", "for data: folder that holds one folder per data set"))
    .addOption(new Option("--turbo", TURBO_HELP).default(false))
    .addOption(
      new Option("--format <format>", "json prints data alone on stdout").choices(["text", "json"])
        .default("text" as const),
    )
    .action(async (what, options) => {
      if (options.turbo && !isTurbo()) return await relaunchTurbo();
      const { text, figures } = await measure(what, {
        ...options,
        peerThreads: options.peer ? options.peerThreads : 0,
      }, io);
      io.stdout(options.format === "json" ? JSON.stringify(figures, null, 2) + "\n" : text);
    });
}

interface Measured {
  readonly text: string;
  readonly figures: unknown;
}

interface Options {
  readonly backend: typeof BACKENDS[number];
  readonly model: string;
  readonly batch: number;
  readonly steps: number;
  readonly rounds: number;
  readonly threads: number;
  readonly runs: number;
  readonly peerThreads: number;
  readonly dataDir?: string | undefined;
}

async function measure(
  what: "kernels" | "step" | "toolkit" | "startup" | "data",
  options: Options,
  io: CommandIo,
): Promise<Measured> {
  switch (what) {
    case "kernels": {
      const report = (await import("#bench/kernels.ts")).benchKernels(
        options.model,
        options.batch,
        options.rounds,
      );
      return { text: kernelsText(report), figures: report };
    }
    case "step": {
      const figures = await (await import("#bench/step.ts")).benchStep(options, io.stderr);
      return { text: stepText(figures), figures };
    }
    case "toolkit": {
      const figures = await (await import("#bench/toolkit.ts")).benchToolkit(options, io.stderr);
      return { text: toolkitText(figures), figures };
    }
    case "startup": {
      const figures = await (await import("#bench/startup.ts")).benchStartup(options.rounds);
      return { text: startupText(figures), figures };
    }
    case "data": {
      const figures = await (await import("#bench/data.ts")).benchData(
        options.rounds,
        options.dataDir ?? null,
      );
      return { text: dataText(figures), figures };
    }
    default:
      return assertNever(what);
  }
}

const between = ({ median, low, high }: Spread, digits: number) =>
  `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;

function stepText(figures: StepFigures): string {
  const { device, model, batch, threads, runs, peer, ratio } = figures;
  const how = [
    threads > 1 ? `${threads} threads` : "one thread",
    runs > 1 ? `${runs} runs at once, wall time by updates of all` : "one run",
  ].join(", ");
  return [
    `${model}, batch ${batch}, ${device.name} (${device.detail})`,
    `${how}: ${between(figures.ms_per_step_spread, 1)} ms a step`,
    ...peer ? [`${peer.name}: ${between(peer.ms_per_step, 1)} ms a step`] : [],
    ...ratio ? [`ratio, round by round: ${between(ratio, 2)}`] : [],
    `evaluation: ${figures.evaluation_ms_per_image.toFixed(3)} ms an image`,
    ...figures.memory_bytes === null ? [] : [`memory: ${(figures.memory_bytes / 2 ** 20).toFixed(1)} MiB`],
    "",
  ].join("\n");
}

function toolkitText({ model, batch, device, ms_per_step, variants, checkpoint }: ToolkitFigures): string {
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
  const rows = variants.map(({ name, ratio, extra_bytes }) =>
    `${name.padEnd(28)} ${between(ratio, 2)} of plain's time, ${mebibytes(extra_bytes)} more state`
  );
  const { bytes, take_ms, encode_ms, decode_ms } = checkpoint;
  return [
    `${model}, batch ${batch}, ${device.name} (${device.detail})`,
    `plain SGD with momentum: ${between(ms_per_step, 1)} ms a step`,
    ...rows,
    `a checkpoint: ${mebibytes(bytes)}; ${between(take_ms, 1)} ms to take, ${between(encode_ms, 1)} ms to ` +
    `encode, ${between(decode_ms, 1)} ms to read and check`,
    "",
  ].join("\n");
}

function kernelsText({ model, batch, build, peak_gflops, kernels }: KernelsReport): string {
  const rows = kernels.map(({ kernel, shape, ms, gflops, share_of_peak }) => {
    const speed = gflops === null ? "" : `${gflops.toFixed(1).padStart(7)} GFLOP/s`;
    const share = share_of_peak === null ? "" : `${(100 * share_of_peak).toFixed(0).padStart(4)} %`;
    return `${kernel.padEnd(31)} ${shape.padEnd(20)} ${ms.toFixed(2).padStart(7)} ms ${speed}${share}`
      .trimEnd();
  });
  const peak = `one core, ${build} build; multiply-adds on registers alone: ${
    peak_gflops.toFixed(1)
  } GFLOP/s`;
  const counted = "operations counted as those of a direct convolution; Winograd's algorithm does with fewer";
  return [`${model}, batch ${batch}: ${peak}`, counted, ...rows, ""].join("\n");
}

function startupText({ empty_ms, help_ms, first_step_ms }: StartupFigures): string {
  return [
    `empty program:                  ${between(empty_ms, 0)} ms`,
    `main.ts --help:                 ${between(help_ms, 0)} ms`,
    `process to its first update:    ${between(first_step_ms, 0)} ms`,
    "",
  ].join("\n");
}

function dataText(figures: readonly DataFigures[]): string {
  const rows = figures.map(({ dataset, images, ms, us_per_image }) =>
    `${dataset.padEnd(15)} ${images} images: ${between(ms, 0)} ms, ${us_per_image.toFixed(1)} µs an image\n`
  );
  return rows.join("");
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError("a whole number from 1 is expected");
  }
  return value;
}
