import { Command, Help, type Option } from "@commander-js/extra-typings";
import type { CommandIo } from "../io.ts";

/** A command, whatever its arguments and options are. */
export interface RunnableCommand {
  /** Reads the words of a command line and does what they say. @throws {CommanderError} for words that it does not know. */
  parseAsync(words: readonly string[], from: { readonly from: "user" }): Promise<unknown>;
}

/** A command that prints through `io`, its help and its errors too, and never ends the process by itself. */
export function newCommand(name: string, io: CommandIo) {
  return new Command(name)
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .configureHelp({ optionDescription })
    .showHelpAfterError("(add --help for the options)");
}

/** That a flag is off until it is given goes without saying. */
function optionDescription(option: Option): string {
  return new Help().optionDescription(option).replace(" (default: false)", "");
}
