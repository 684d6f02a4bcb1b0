import { type Document, isMap } from "yaml";
import type { Path } from "./path.ts";

/** Offset of the deepest part of the path that the text has; the profile's own place first. */
export function locate(document: Document, path: Path, profile: string | null): number | null {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    for (const full of profile === null ? [part] : [["profiles", profile, ...part], part]) {
      const offset = keyOffset(document, full);
      if (offset !== null) return offset;
    }
  }
  return null;
}

function keyOffset(document: Document, path: Path): number | null {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => String(item.key) === String(key));
    const range = (pair?.value as { range?: [number, number, number] } | null)?.range ??
      (pair?.key as { range?: [number, number, number] } | undefined)?.range;
    return range ? range[0] : null;
  }
  const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined;
  return node?.range ? node.range[0] : null;
}

/** `line:column`, then the lines around it with a caret below the place. */
export function codeFrame(text: string, { line, col }: { line: number; col: number }): string {
  const all = text.split("\n");
  const first = Math.max(1, line - 1);
  const last = Math.min(all.length, line + 1);
  const width = String(last).length;
  const shownLines: string[] = [];
  for (let number = first; number <= last; number++) {
    const content = (all[number - 1] ?? "").slice(0, 200);
    shownLines.push(`${number === line ? ">" : " "} ${String(number).padStart(width)} | ${content}`);
    if (number === line) {
      shownLines.push(`  ${" ".repeat(width)} | ${" ".repeat(Math.max(0, Math.min(col, 200) - 1))}^`);
    }
  }
  return `${line}:${col}\n${shownLines.join("\n")}`;
}
