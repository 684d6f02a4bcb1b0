import { TrackerError } from "../model.ts";

/** NaN and the infinities, which Python writes into JSON and JSON has not, between strings. */
const STRINGS_AND_WORDS = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * The data of a piece of JSON; NaN and the infinities, as Python writes them, become texts.
 *
 * @throws {TrackerError} for what is no JSON, with its place.
 */
export function jsonValue(text: string, path: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    try {
      return JSON.parse(
        text.replace(STRINGS_AND_WORDS, (found) => found.startsWith('"') ? found : `"${found}"`),
      );
    } catch {
      throw new TrackerError(`Cannot read ${path}: ${place} is no JSON (${(error as Error).message})`);
    }
  }
}
