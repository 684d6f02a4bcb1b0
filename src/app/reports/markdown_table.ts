import type { Table } from "#report/table.ts";

/** A table in Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return lines(head, head.map(() => "---"), rows);
}

/** A report's table in Markdown, without its caption: numbers stand on the right, the note below. */
export function tableMarkdown({ columns, rows, note }: Table): string {
  const text = lines(
    columns.map(({ label }) => label),
    columns.map(({ align }) => align === "right" ? "---:" : "---"),
    rows.map(({ cells }) => cells),
  );
  return note === "" ? text : `${text}\n\n${note}`;
}

function lines(
  head: readonly string[],
  rule: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}
