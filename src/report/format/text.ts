/** Text for HTML content and for double-quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

/** Text for Plotly, which reads a few HTML tags and entities in labels: nothing in it is taken as markup. */
export function escapePlotly(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** JSON for a `<script>` element: no `<` can end the element or open a comment. */
export function exactJson(value: unknown): string {
  return withoutMarkup(JSON.stringify(value));
}

/** The same with fractions of 7 significant digits, more than any screen can show. */
export function inlineJson(value: unknown): string {
  const shortened = (_: string, inner: unknown) => typeof inner === "number" ? sevenDigits(inner) : inner;
  return withoutMarkup(JSON.stringify(value, shortened));
}

const withoutMarkup = (json: string) =>
  json.replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");

/** At most `length` characters (code points), the last an ellipsis where something was left off. */
export function shortened(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("").trimEnd()}…`;
}

/** {@link shortened} with the ellipsis within: names of a family often differ only in their last words. */
export function shortenedWithin(text: string, length: number): string {
  const characters = Array.from(text);
  if (characters.length <= length) return text;
  const tail = Math.floor(length * 0.45);
  const head = characters.slice(0, length - 1 - tail).join("").trimEnd();
  return `${head}…${characters.slice(-tail).join("").trimStart()}`;
}

/** A fraction to 7 significant digits; whole numbers, and what is not finite, as they are. */
export function sevenDigits(value: number): number {
  return Number.isInteger(value) || !Number.isFinite(value) ? value : Number(value.toPrecision(7));
}

/** Verdicts on a hypothesis, in words. */
export const VERDICTS = {
  supported: "supported",
  contradicted: "contradicted",
  equivalent: "no difference that matters",
  inconclusive: "open",
} as const;

/** `yes` or `no` where a hypothesis begins with it, else `null`: what was expected, in a word. */
export function expectedWord(hypothesis: string): "yes" | "no" | null {
  const [, word] = /^(yes|no)\b/i.exec(hypothesis) ?? [];
  return word === undefined ? null : word.toLowerCase() as "yes" | "no";
}

/** Text with a capital first letter. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
