import type { TextFacts } from "./data.ts";

/** Figures of predicted text beside loss and accuracy. */
export interface TextScores {
  /** e to the loss: as many tokens, all equally likely, would be as hard to guess. */
  readonly perplexity: number;
  /** The loss in bits, for each character of the text. */
  readonly bits_per_character: number;
}

/**
 * @param loss mean cross-entropy in nats a token.
 *
 * @example A token of two characters at ln 4 nats costs 2 bits, one a character
 * ```ts
 * import assert from "node:assert/strict";
 * import { textScores } from "#train/text_scores.ts";
 *
 * const { perplexity, bits_per_character } = textScores(Math.log(4), { charactersPerToken: 2 });
 * assert.ok(Math.abs(perplexity - 4) < 1e-12 && Math.abs(bits_per_character - 1) < 1e-12);
 * ```
 */
export function textScores(
  loss: number,
  { charactersPerToken }: Pick<TextFacts, "charactersPerToken">,
): TextScores {
  return { perplexity: Math.exp(loss), bits_per_character: loss / Math.LN2 / charactersPerToken };
}
