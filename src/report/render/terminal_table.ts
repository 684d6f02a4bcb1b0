import { printable } from "#lib/printable.ts";
import type { Table } from "../table.ts";
import { aligned, widthOf, wrapped } from "./terminal_text.ts";

export interface TerminalTableOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** Sets the heads of columns back; they look like the cells if not given. */
  readonly dim?: (text: string) => string;
}

/** Spaces between columns. */
const GAP = 2;

/**
 * The caption, then columns side by side; where the terminal is too narrow, the last columns follow below, each group
 * with the row's keys.
 */
export function terminalTable(table: Table, { width, dim = (text) => text }: TerminalTableOptions): string {
  const { caption, columns, keys, rows } = table;
  const cells = [columns.map(({ label }) => label), ...rows.map((row) => row.cells)]
    .map((row) => row.map(printable));
  const longestKey = Math.floor(width / (keys + 2));
  const widths = columns.map((_, column) => {
    const longest = cells.reduce((most, row) => Math.max(most, widthOf(row[column]!)), 0);
    return Math.min(longest, column < keys ? longestKey : width - keys * (longestKey + GAP));
  });
  const groups = columnGroups(widths, keys, width).map((group) =>
    cells.map((row, index) => {
      const line = group.map((column) => aligned(row[column]!, widths[column]!, columns[column]!.align))
        .join(" ".repeat(GAP)).trimEnd();
      return index === 0 ? dim(line) : line;
    }).join("\n")
  );
  return [...(caption === "" ? [] : wrapped(caption, width)), groups.join("\n\n")].join("\n");
}

/** As many columns as fit into each group, after the keys. */
function columnGroups(widths: readonly number[], keys: number, width: number): number[][] {
  const heads = widths.slice(0, keys).map((_, column) => column);
  const used = (group: readonly number[]) => group.reduce((sum, column) => sum + GAP + widths[column]!, -GAP);
  const groups: number[][] = [];
  for (let column = keys; column < widths.length; column++) {
    const last = groups.at(-1);
    if (last && used([...last, column]) <= width) last.push(column);
    else groups.push([...heads, column]);
  }
  return groups;
}
