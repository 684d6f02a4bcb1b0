import { Option } from "@commander-js/extra-typings";
import { type CommandIo } from "../io.ts";
import { newCommand } from "./command.ts";
import { findNotebooks, findPython, runNotebooks } from "../notebook/jupyter.ts";
import { PROFILES } from "../notebook/profile.ts";
import { parseCount, parsePath } from "./parsers.ts";

/** `notebooks`: runs the lab's notebooks without a browser. A command of its own, for it alone may start a Python. */
export function notebooksCommand(io: CommandIo) {
  return newCommand("notebooks", io)
    .description(
      "Runs notebooks in Jupyter, without a window, and writes them with their outputs, as HTML too where nbconvert " +
        "is installed (another Python: PYTHON_PATH).",
    )
    .argument(
      "[names...]",
      "names or numbers of notebooks: 01_step_decay, or 1; all of them if none is given",
    )
    .option("--out <folder>", "folder of the written notebooks", parsePath, "runs/notebooks")
    .addOption(
      new Option(
        "--profile <profile>",
        "size of the experiments; tiny only checks that everything is installed",
      )
        .choices(PROFILES).default("quick" as const),
    )
    .option(
      "--jobs <jobs>",
      "notebooks at a time; above 1 they share the cores, and times are no measurement",
      parseCount,
      1,
    )
    .action(async (names, { out, profile, jobs }) => {
      const notebooks = await findNotebooks(names);
      const python = await findPython(io.env);
      await runNotebooks(notebooks, { python, out, profile, jobs }, io);
    });
}
