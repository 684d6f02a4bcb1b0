import stringWidth from "string-width";
import { printable } from "#lib/printable.ts";

const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Columns that text takes in a terminal: two for wide characters, none for combining marks. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** At most `columns` columns of text, the last an ellipsis where something was left off. */
export function fitted(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const [head] = split(text, columns - 1);
  return `${head.trimEnd()}…`;
}

/** Text padded, or cut, to exactly `columns` columns. */
export function aligned(text: string, columns: number, align: "left" | "right"): string {
  const short = fitted(text, columns);
  const space = " ".repeat(columns - widthOf(short));
  return align === "left" ? short + space : space + short;
}

/** Lines of at most `columns` columns, broken at spaces; a longer word is cut. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of printable(text).split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) <= columns) {
      line += ` ${word}`;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (widthOf(line) > columns) {
      const [head, tail] = split(line, columns);
      lines.push(head);
      line = tail;
    }
  }
  return [...lines, line];
}

/** As much text as fits into `columns` columns, one character at the least, and the rest. */
function split(text: string, columns: number): [string, string] {
  let head = "";
  for (const { segment } of GRAPHEMES.segment(text)) {
    if (head !== "" && widthOf(head + segment) > columns) break;
    head += segment;
  }
  return [head, text.slice(head.length)];
}
