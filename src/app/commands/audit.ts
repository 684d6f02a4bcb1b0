import { Option } from "@commander-js/extra-typings";
import { type CommandIo, Exited } from "../io.ts";
import { newCommand } from "./command.ts";
import { textOutOption } from "./options.ts";
import { wholeNumber } from "./parsers.ts";
import { LONGEST_RUN } from "../schedules/facts.ts";

const FORMATS = ["terminal", "json", "html"] as const;
/** Exit codes beside 0, no defect, and 4, an error. */
const [DEFECT, OPEN] = [1, 3];

/** `audit`: says what is wrong with the learning rates that a run logged. Nothing is trained. */
export function auditCommand(io: CommandIo) {
  return newCommand("audit", io)
    .description("Recognises the schedule in logged learning rates, and names what is wrong with it.")
    .argument("<path>", "log of a run, or a folder with several: any format that `judge` reads")
    .addOption(
      new Option(
        "--plan <spec>",
        "what was meant: a spec (FILE or FILE#ARM), a schedule as JSON, or a preset",
      ),
    )
    .addOption(new Option("--arm <name>", "with --plan: the arm of a spec"))
    .addOption(
      new Option("--steps-per-epoch <count>", "steps in an epoch (default: from the plan or the log)")
        .argParser(wholeNumber(1, LONGEST_RUN)),
    )
    .addOption(
      new Option("--total <count>", "steps in the whole run (default: as planned)")
        .argParser(wholeNumber(1, LONGEST_RUN)),
    )
    .addOption(
      new Option("--rate <tag>", "name of the logged rate (default: every series named lr or learning_rate)"),
    )
    .addOption(new Option("--metric <tag>", "name of the metric that a plateau watches"))
    .addOption(
      new Option(
        "--group-by <what>",
        "with several runs: folder, group (of TensorBoard's hparams), or the name of a hyperparameter",
      ),
    )
    .addOption(
      new Option("--format <format>", "how the outcome is shown").choices(FORMATS).default(
        "terminal" as const,
      ),
    )
    .addOption(textOutOption())
    .addHelpText("after", HELP)
    .action(async (path, options) => {
      const [{ auditPath }, { show }] = await Promise.all([
        import("./audit/audit_path.ts"),
        import("./audit/show.ts"),
      ]);
      const outcome = await auditPath(path, options, io);
      await show(outcome, options, io);
      const verdicts = outcome.runs.map(({ audit }) => audit.verdict);
      if (verdicts.includes("defect")) throw new Exited(DEFECT);
      if (verdicts.includes("open")) throw new Exited(OPEN);
    });
}

const HELP = `
Exit codes: 0 no defect, 1 a defect is named, 3 cannot tell, 4 an error.
Examples:
  deno task audit runs/seed1                                    from the logged rates alone
  deno task audit trainer_state.json --plan '{"name": "warmup", "duration": "5%", "then": {"name": "cosine", "lr": 5e-5, "T_max": "95%"}}'
  deno task audit metrics.csv --plan spec.yaml --arm cosine --format html --out audit.html
  deno task audit history.json --total 12000 --steps-per-epoch 400 --metric val_loss`;
