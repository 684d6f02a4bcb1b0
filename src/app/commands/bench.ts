import { Argument, Option } from "@commander-js/extra-typings";
import { BACKENDS } from "#compute/device.ts";
import { MODELS } from "#compute/models.ts";
import type { PeerChoice, StepOptions } from "#bench/step.ts";
import { assertNever } from "#lib/assert_never.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { newCommand } from "./command.ts";
import { dataDirOption, formatOption } from "./options.ts";
import { parsePath, wholeNumber } from "./parsers.ts";
import { writeAtomic } from "../storage/write.ts";
import { requireTurbo, TURBO_HELP } from "../session/turbo.ts";
import {
  dataText,
  gpuText,
  kernelsText,
  profileText,
  startupText,
  stepText,
  togetherText,
  toolkitText,
} from "./bench_text.ts";

const SUBJECTS = ["kernels", "step", "gpu", "together", "toolkit", "startup", "data", "hardware"] as const;

/** Runs at once up to which `bench together` goes. */
const MOST_TOGETHER = 16;

/** `bench`: speed on this machine, beside PyTorch where it is installed. */
export function benchCommand(io: CommandIo) {
  return newCommand("bench", io)
    .description(
      "Measures speed on this machine, in alternation with PyTorch (where a Python has it) or with TensorFlow.js.",
    )
    .addArgument(
      new Argument("[what]", "the subject that is timed").choices(SUBJECTS)
        .default(
          "step" as const,
        ),
    )
    .addOption(
      new Option("--backend <name>", "device of the step (default: wasm, with --profile webgpu)")
        .choices(BACKENDS),
    )
    .addOption(new Option("--model <name>", "model").choices(Object.keys(MODELS)).default("cnn-small"))
    .addOption(
      new Option("--size <pixels>", "height and width of an image, or tokens of a text, for step and kernels")
        .argParser(wholeNumber(4, 1024)).default(32),
    )
    .addOption(
      new Option("--batch <count>", "images in a batch").argParser(wholeNumber(1, 1_000_000)).default(64),
    )
    .addOption(
      new Option("--steps <count>", "steps in a round").argParser(wholeNumber(1, 1_000_000)).default(20),
    )
    .addOption(
      new Option("--rounds <count>", "rounds, the lab's and the peer's in turn").argParser(
        wholeNumber(1, 1_000_000),
      )
        .default(
          7,
        ),
    )
    .addOption(
      new Option("--threads <count>", "threads that share each batch (wasm)").argParser(
        wholeNumber(1, 1_000_000),
      )
        .default(1),
    )
    .addOption(
      new Option(
        "--runs <count>",
        "simultaneous runs, each on threads of its own; for together, the most (16)",
      ).argParser(
        wholeNumber(1, 1_000_000),
      )
        .default(1),
    )
    .addOption(
      new Option("--peer-threads <count>", "threads of PyTorch").argParser(wholeNumber(1, 1_000_000)).default(
        2,
      ),
    )
    .addOption(
      new Option(
        "--peer <name>",
        "peer of a step: PyTorch, or stock TensorFlow.js on WebGPU",
      )
        .choices(["pytorch", "tfjs"] as const).default("pytorch" as const),
    )
    .addOption(
      new Option("--peer-device <name>", "device of PyTorch").choices(["cpu", "cuda"] as const)
        .default("cpu" as const),
    )
    .addOption(new Option("--no-peer", "measure the lab alone"))
    .addOption(
      new Option("--profile", "the parts of a step's time on WebGPU: JavaScript, transfer, each kernel")
        .default(false),
    )
    .addOption(dataDirOption(", for data"))
    .addOption(
      new Option("--out <dir>", "for hardware: folder that hardware.json, .txt and .log are written to")
        .argParser(parsePath).default("runs/hardware"),
    )
    .addOption(
      new Option("--minutes <count>", "for hardware: time that all parts together may take")
        .argParser(wholeNumber(1, 10_000)).default(12),
    )
    .addOption(
      new Option("--jobs <count>", "for hardware: runs at a time of the exercise")
        .argParser(wholeNumber(1, 1024)).default(1),
    )
    .addOption(
      new Option("--small", "for hardware: sizes that a software adapter can do, to try it out").default(
        false,
      ),
    )
    .addOption(new Option("--turbo", TURBO_HELP).default(false))
    .addOption(formatOption())
    .action(async (what, options) => {
      const backend = options.backend ?? (options.profile ? "webgpu" : "wasm");
      if (options.profile) checkProfile(what, backend);
      if (backend !== "wasm" && options.threads !== 1) {
        throw new UsageError(`--threads shares a batch on wasm alone: leave it away for ${backend}`);
      }
      requireTurbo(options, "bench:turbo");
      const { peerThreads: threads, peerDevice: device } = options;
      const peer: PeerChoice | null = options.peer === "tfjs"
        ? { kind: "tfjs" }
        : options.peer
        ? { kind: "pytorch", threads, device }
        : null;
      const { text, figures } = await measure(what, { ...options, backend, peer }, io);
      io.stdout(options.format === "json" ? JSON.stringify(figures, null, 2) + "\n" : text);
    });
}

interface Measured {
  readonly text: string;
  readonly figures: unknown;
}

interface Options extends StepOptions {
  readonly profile: boolean;
  readonly dataDir?: string | undefined;
  readonly out: string;
  readonly minutes: number;
  readonly jobs: number;
  readonly small: boolean;
}

async function measure(
  what: typeof SUBJECTS[number],
  options: Options,
  io: CommandIo,
): Promise<Measured> {
  switch (what) {
    case "kernels": {
      const report = (await import("#bench/kernels.ts")).benchKernels(
        options.model,
        options.size,
        options.batch,
        options.rounds,
      );
      return { text: kernelsText(report), figures: report };
    }
    case "step": {
      const figures = await (await import("#bench/step.ts")).benchStep(options, io.stderr);
      if (!options.profile) return { text: stepText(figures), figures };
      const profile = await (await import("#bench/profile.ts")).benchProfile(options);
      return { text: stepText(figures) + "\n" + profileText(profile), figures: { ...figures, profile } };
    }
    case "gpu": {
      const figures = await (await import("#bench/gpu.ts")).benchGpu(options, io.stderr);
      return { text: gpuText(figures), figures };
    }
    case "together": {
      const runs = options.runs === 1 ? MOST_TOGETHER : options.runs;
      const { benchTogether } = await import("#bench/together.ts");
      const figures = await benchTogether({ ...options, runs }, io.stderr);
      return { text: togetherText(figures), figures };
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
    case "hardware":
      return await hardware(options, io);
    default:
      return assertNever(what);
  }
}

/** Writes what is there after each part, so that nothing is lost where the machine is taken away. */
async function hardware(options: Options, io: CommandIo): Promise<Measured> {
  const { HARDWARE_FILES, measureHardware } = await import("#bench/hardware.ts");
  const { hardwareText } = await import("./hardware_text.ts");
  await Deno.mkdir(options.out, { recursive: true });
  const files = HARDWARE_FILES(options.out);
  for (const file of Object.values(files)) await Deno.remove(file).catch(ignoreMissing);
  let measured: Measured = { text: "", figures: null };
  for await (const { report, log } of measureHardware(options, io.stderr)) {
    measured = { text: hardwareText(report), figures: report };
    await writeAtomic(files.json, JSON.stringify(report, null, 2) + "\n");
    await writeAtomic(files.text, measured.text);
    await Deno.writeTextFile(files.log, log, { append: true });
  }
  return measured;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** @throws {UsageError} for what has no times of kernels. */
function checkProfile(what: typeof SUBJECTS[number], backend: string): void {
  if (what === "step" && backend === "webgpu") return;
  throw new UsageError(
    `--profile shows the parts of a step's time on WebGPU: give it to \`bench step\` with --backend webgpu, not to ${
      what === "step" ? backend : `\`bench ${what}\``
    }; \`bench kernels\` times the kernels of wasm`,
  );
}
