/** Nesting beyond which a text is no settings of anything. */
export const MOST_NESTING = 100;

const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
/** `- - - a` and `? ? ? a`, lists and mappings in one another on one line. */
const COMPACT = new RegExp(`(?:[-?:][ \\t]+){${MOST_NESTING}}`);

/**
 * True for a text that a parser of YAML or JSON would take seconds for: its time grows with the square of what is open at
 * once. Brackets in texts and comments count too, which is right to within what anybody writes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isNestedTooDeep } from "#lib/nesting.ts";
 *
 * assert.equal(isNestedTooDeep("{ arms: [{ name: a }, { name: b }] }"), false);
 * assert.equal(isNestedTooDeep("[".repeat(101)), true);
 * assert.equal(isNestedTooDeep("[]".repeat(101)), false);
 * assert.equal(isNestedTooDeep("- ".repeat(101)), true);
 * ```
 */
export function isNestedTooDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > MOST_NESTING) return true;
    } else if ((code === CLOSE_LIST || code === CLOSE_OBJECT) && depth > 0) depth--;
  }
  return COMPACT.test(text);
}
