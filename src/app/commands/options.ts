import { Option } from "@commander-js/extra-typings";
import { parsePath } from "./parsers.ts";

/** Options that several commands have in common, each with one text. */

/** @param more what its text ends with: the default, where the option has none of its own. */
export const dataDirOption = (more = "") =>
  new Option("--data-dir <dir>", `folder that holds one folder per data set${more}`).argParser(parsePath);
export const textOutOption = () =>
  new Option("--out <file>", "write to this file instead of stdout").argParser(parsePath);
/** Text for a reader, or data for a program. */
export const formatOption = () =>
  new Option("--format <format>", "text, or json: only the result on stdout")
    .choices(["text", "json"]).default("text" as const);
export const openOption = () => new Option("--open", "open the report in the browser").default(false);
export const verboseOption = () =>
  new Option("--verbose", "print the whole report as text: tables, and every answer in full").default(false);
