import type { CommandIo } from "../io.ts";
import { newCommand } from "./command.ts";
import { benchmarkCommand } from "./benchmark.ts";
import { exerciseCommand } from "./exercise.ts";
import { resumeCommand } from "./resume.ts";
import { formatOption } from "./options.ts";
import { queueOption } from "./study_options.ts";
import { sweepCommand } from "./sweep.ts";
import { trainCommand } from "./train.ts";

/** `queue`: its state, and the commands that train, for a queue on another machine. */
export function queueCommand(io: CommandIo) {
  const command = newCommand("queue", io)
    .description(
      "Shows a queue, or runs a command that trains with the net, which the task of that name does not grant: " +
        "`deno task queue train SPEC --queue redis://HOST`.",
    );
  command.command("status")
    .description("Prints the workers, the runs that wait or are in progress, and the dead letters.")
    .addOption(queueOption().makeOptionMandatory())
    .addOption(formatOption())
    .action(async ({ queue, format }) => {
      const { queueAddress, queueStatus, statusText } = await import("../queue/status.ts");
      const status = await queueStatus(queueAddress(queue, io.env));
      io.stdout(format === "json" ? JSON.stringify(status, null, 2) + "\n" : statusText(status));
    });
  for (const trains of [trainCommand, exerciseCommand, sweepCommand, benchmarkCommand, resumeCommand]) {
    command.addCommand(trains(io));
  }
  return command;
}
