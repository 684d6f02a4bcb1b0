import { Argument, Option } from "@commander-js/extra-typings";
import { BACKENDS } from "#compute/device.ts";
import { MODELS } from "#compute/models.ts";
import type { PeerChoice } from "#bench/step.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { newCommand } from "./command.ts";
import { dataDirOption, formatOption } from "./options.ts";
import { parsePath, wholeNumber } from "./parsers.ts";
import { requireTurbo, TURBO_HELP } from "../machine/turbo.ts";
import { measure, type Subject, SUBJECTS } from "./bench/measure.ts";

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
        throw new UsageError(`--threads shares a batch on wasm alone: leave it out for ${backend}`);
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

/** @throws {UsageError} for what has no times of kernels. */
function checkProfile(what: Subject, backend: string): void {
  if (what === "step" && backend === "webgpu") return;
  throw new UsageError(
    `--profile shows the parts of a step's time on WebGPU: give it to \`bench step\` with --backend webgpu, not to ${
      what === "step" ? backend : `\`bench ${what}\``
    }; \`bench kernels\` times the kernels of wasm`,
  );
}
