import { random } from "#lib/prng.ts";
import type { PixelSet, Split, TextFacts } from "#train/data.ts";
import { DataError, MOST_DATA_BYTES } from "../source.ts";
import { sharedSet } from "../split.ts";
import { drawCharacters, GRAMMAR_CHARACTERS, grammarEntropy, LINE_END } from "./grammar.ts";

/** Windows of each split unless a request says otherwise. */
export const GRAMMAR_DEFAULTS: Readonly<Record<Split, number>> = { train: 4000, validation: 500, test: 1000 };

const TOKENS = new Map(GRAMMAR_CHARACTERS.map((character, token) => [character, token]));

/**
 * Draws `count` windows of the grammar's text on shared memory. A window's labels are its first `context` characters from
 * the beginning of a line on, and its input are those before them, beginning with the end of the line before: so the best
 * prediction of each is the grammar's own. Window i depends on seed, split and i alone, so a larger split begins with the
 * smaller one's windows.
 *
 * @throws {DataError} for more than fit into memory.
 */
export function drawWindows(split: Split, count: number, context: number, seed: number): PixelSet {
  const most = Math.floor(MOST_DATA_BYTES / (2 * context));
  if (count > most) {
    throw new DataError(
      `Cannot draw ${count} ${split} windows of ${context} characters: at most ${most} fit`,
    );
  }
  const set = sharedSet(count, context, context);
  for (let window = 0; window < count; window++) {
    const from = window * context;
    let [before, at] = [TOKENS.get(LINE_END)!, from];
    for (const character of drawCharacters(context, random(seed, "grammar", split, window))) {
      const token = TOKENS.get(character)!;
      set.images[at] = before;
      set.labels[at++] = token;
      before = token;
    }
  }
  return set;
}

/** The facts of such windows. */
export function grammarFacts(context: number): TextFacts {
  return { unit: "character", charactersPerToken: 1, entropy: grammarEntropy(context) };
}
