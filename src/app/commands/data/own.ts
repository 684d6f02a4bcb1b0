import { printable } from "#lib/printable.ts";
import { counted } from "#lib/numbers.ts";
import type { InspectedText, OwnInspection } from "#datasets/own_inspection.ts";
import { type CommandIo, Failure } from "../../io.ts";
import { countsText } from "./counts.ts";

/** Most faults that are listed as text; `--format json` has all. */
const MOST_LINES = 100;

/**
 * Shows what files of one's own hold.
 *
 * @throws {Failure} with every fault, a line each, where there is any.
 */
export function presentOwn(
  name: string,
  path: string,
  { classes, parts, problems, notes, text }: OwnInspection,
  format: "text" | "json",
  io: CommandIo,
): void {
  if (text && problems.length === 0) return presentText(name, path, text, format, io);
  const files = parts.map(({ name, images, perClass }) => ({
    name,
    images,
    per_class: Object.fromEntries(classes.map((label, index) => [label, perClass[index]])),
  }));
  if (format === "json") {
    const state = problems.length === 0 ? "intact" : "broken";
    io.stdout(JSON.stringify({ name, path, state, files, problems, notes }, null, 2) + "\n");
  }
  const images = parts.reduce((sum, part) => sum + part.images, 0);
  const what = `${counted(images, "image")} of ${classes.length} ${
    classes.length === 1 ? "class" : "classes"
  }`;
  const [first] = problems;
  // A set of one file, or of four, has one fault, which names them.
  if (first?.path === "") throw new Failure(printable(first.problem));
  if (problems.length > 0) {
    const shown = problems.slice(0, MOST_LINES).map(({ path, problem }) =>
      printable(`${path} ${problem}`.trim())
    );
    const more = problems.length - shown.length;
    throw new Failure(
      [
        `Cannot use ${printable(path)} as ${name}: ${counted(problems.length, "fault")}, beside ${what}`,
        ...shown.map((line) => `  ${line}`),
        ...(more > 0 ? [`  … and ${more} more; --format json lists all`] : []),
      ].join("\n"),
    );
  }
  if (format === "json") return;
  const extra = notes.map((note) => `; ${note}`).join("");
  io.stdout(
    `${name} in ${printable(path)} can be used: ${what}${extra}\n${countsText({ files: parts, classes })}`,
  );
}

function presentText(
  name: string,
  path: string,
  { unit, tokens, characters, vocabulary, files }: InspectedText,
  format: "text" | "json",
  io: CommandIo,
): void {
  if (format === "json") {
    const found = { name, path, state: "intact", unit, tokens, characters, vocabulary, files };
    return io.stdout(JSON.stringify(found, null, 2) + "\n");
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  io.stdout(
    `${name} in ${printable(path)} can be used: ${counted(files.length, "file")} of ${
      counted(bytes, "byte")
    }, ${counted(characters, "character")}; tokens are ${unit}s, ${vocabulary.length} different ones\n`,
  );
}
