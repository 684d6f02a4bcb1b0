import { isObject } from "#lib/json.ts";
import type { Format } from "../format.ts";
import { Lines } from "../lines.ts";
import { type Parser, TrackerError } from "../model.ts";
import type { Output } from "../output.ts";
import { textOf } from "../text.ts";
import { Rows } from "./rows.ts";
import { jsonValue } from "./value.ts";

/** One JSON object a line: `{"step": 1, "loss": 0.5}`. */
export const jsonLines: Format = {
  name: "json-lines",
  label: "JSON lines",
  isGeneral: true,
  recognise(head) {
    const text = textOf(head);
    return text !== null && /^\s*\{.*\}\s*(?:\n\s*\{|\n\s*$|$)/.test(text);
  },
  parser(output) {
    const rows = new Rows(output);
    return objectLines(output, (object) => rows.add(object));
  },
};

/** Reads a line after the other; a last one that was cut is left out. */
export function objectLines(output: Output, use: (object: Record<string, unknown>) => void): Parser {
  return new Lines(output.path, (line, number, isWhole) => {
    if (line.trim() === "") return;
    let value: unknown;
    try {
      value = jsonValue(line, output.path, `line ${number}`);
    } catch (error) {
      if (isWhole || !(error instanceof TrackerError)) throw error;
      output.note(`ends in the middle of line ${number} (it was cut, or is being written); it is left out`);
      return;
    }
    if (isObject(value)) return use(value);
    throw new TrackerError(
      `Cannot read ${output.path}: line ${number} is ${
        Array.isArray(value) ? "a list" : JSON.stringify(value).slice(0, 40)
      }, and each line is to be an object such as {"step": 1, "loss": 0.5}`,
    );
  });
}
