import { Option } from "@commander-js/extra-typings";
import type { CommandIo } from "../io.ts";
import { newCommand } from "./command.ts";
import { textOutOption } from "./options.ts";
import { write } from "../terminal/output.ts";
import { parseRate, parseShare } from "./parsers.ts";

/** `refine`: the schedule that theory takes after a run, from the norms of its gradients, as a spec that trains. */
export function refineCommand(io: CommandIo) {
  return newCommand("refine", io)
    .description(
      "Reads the gradient norms of a run and prints a spec with the schedule that theory takes next, against linear decay " +
        "(Defazio et al., 2023).",
    )
    .argument(
      "<source>",
      "folder of an experiment whose spec had gradient_norms: true, or a run's log: CSV (step,gradient_norm), " +
        "TensorBoard, Hugging Face",
    )
    .addOption(new Option("--arm <name>", "the arm whose runs are read, where an experiment has several"))
    .addOption(
      new Option(
        "--lr <rate>",
        "peak rate of linear decay; the refined one follows (default: from the run's own rates)",
      ).argParser(parseRate),
    )
    .addOption(
      new Option("--smoothing <share>", "width of the median filter over the norms, as a share of the run")
        .argParser(parseShare).default(0.1),
    )
    .addOption(
      new Option("--norm <kind>", "weights of norms: 2 for SGD (w = 1/‖g‖²), 1 for Adam (w = 1/‖g‖₁)")
        .choices(["1", "2"]),
    )
    .addOption(
      new Option("--format <format>", "a spec, or rates and bounds as data").choices(["yaml", "json"])
        .default("yaml" as const),
    )
    .addOption(textOutOption())
    .action(async (source, { out, format, ...options }) => {
      const [{ readNorms }, { refineRun, refinedJson, refinedYaml }] = await Promise.all([
        import("./refine/read_norms.ts"),
        import("./refine/refined.ts"),
      ]);
      const { notes, ...run } = await readNorms(source, options.arm ?? null);
      for (const note of notes) io.stderr(`${note}\n`);
      const refined = refineRun(run, options);
      const text = format === "json" ? refinedJson(run, refined) : refinedYaml(run, refined);
      await write(text, out, io);
    });
}
