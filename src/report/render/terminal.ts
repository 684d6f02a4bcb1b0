import { assertNever } from "#lib/assert_never.ts";
import type { Block, Notice, Report, ReportAnswer, Section, Table } from "../model.ts";
import { printable, shortened, VERDICTS } from "../format/text.ts";

export interface TerminalOptions {
  /** Columns of the terminal; at least 40 are used. */
  readonly columns: number;
  /** Whether to colour and embolden: only where the output is a terminal and `NO_COLOR` is not set. */
  readonly color: boolean;
  /** Where the page lies, named in the last line; `null` for none. */
  readonly page: string | null;
}

/** The report in brief for a terminal: its finding, notices, and the sections marked as brief. No line is longer than
 * the terminal is wide. */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const { columns, color } = options;
  const page: Page = { width: Math.max(40, columns), style: color ? ANSI : PLAIN };
  const parts = [
    [
      page.style.dim(shortened(printable(report.eyebrow), page.width)),
      ...wrapped(report.title, page.width).map(page.style.bold),
    ].join("\n"),
    ...report.notices.map((notice) => noticeText(notice, page)),
    ...report.sections.filter(({ brief }) => brief).map((section) => sectionText(section, page)),
    options.page === null ? "" : `Report: ${printable(options.page)}`,
  ];
  return parts.filter((part) => part !== "").join("\n\n") + "\n";
}

interface Page {
  readonly width: number;
  readonly style: Style;
}

interface Style {
  bold(text: string): string;
  dim(text: string): string;
  verdict(verdict: ReportAnswer["verdict"], text: string): string;
}

const ansi = (on: number, off: number) => (text: string) => `\x1b[${on}m${text}\x1b[${off}m`;
const VERDICT_COLORS = { supported: 32, contradicted: 31, inconclusive: 33 } as const;
const ANSI: Style = {
  bold: ansi(1, 22),
  dim: ansi(2, 22),
  verdict: (verdict, text) => ansi(VERDICT_COLORS[verdict], 39)(text),
};
const PLAIN: Style = { bold: (text) => text, dim: (text) => text, verdict: (_, text) => text };

function noticeText({ kind, text }: Notice, { width, style }: Page): string {
  const lines = wrapped(`${kind === "partial" ? "Partial report: " : "Note: "}${text}`, width);
  return lines.map((line) => style.verdict("inconclusive", line)).join("\n");
}

function sectionText({ title, blocks }: Section, page: Page): string {
  const texts = blocks.map((block) => blockText(block, page)).filter((text) => text !== "");
  return texts.length === 0 ? "" : `${page.style.bold(printable(title))}\n${texts.join("\n\n")}`;
}

function blockText(block: Block, page: Page): string {
  switch (block.kind) {
    case "answers":
      return block.answers.map((answer) => answerText(answer, page)).join("\n");
    case "table":
      return tableText(block, page);
    case "facts":
      return block.facts.flatMap(({ label, value }) => wrapped(`${label}: ${value}`, page.width)).join("\n");
    case "command":
      return `  ${printable(block.text)}`;
    // A figure and the words about it are for the page.
    case "text":
    case "figure":
      return "";
    default:
      return assertNever(block);
  }
}

function answerText(
  { question, hypothesis, verdict, finding }: ReportAnswer,
  { width, style }: Page,
): string {
  const mark = { supported: "+", contradicted: "x", inconclusive: "?" }[verdict];
  const word = VERDICTS[verdict];
  const [first, ...rest] = wrapped(`${word}: ${finding}`, width - 4);
  const colored = style.verdict(verdict, first!.slice(0, word.length)) + first!.slice(word.length);
  return [
    ...wrapped(question, width - 2).map((line, index) =>
      `${index === 0 ? style.verdict(verdict, mark) : " "} ${line}`
    ),
    ...wrapped(`expected: ${hypothesis}`, width - 4).map((line) => `    ${style.dim(line)}`),
    ...[colored, ...rest].map((line) => `    ${line}`),
  ].join("\n");
}

/** Columns side by side; where the terminal is too narrow, the last ones follow below, each with the row's keys. */
function tableText({ caption, columns, keys, rows }: Table, { width, style }: Page): string {
  const cells = [columns.map(({ label }) => label), ...rows.map((row) => row.cells)]
    .map((row) => row.map(printable));
  const longestKey = Math.floor(width / (keys + 2));
  const widths = columns.map((_, column) => {
    const longest = Math.max(...cells.map((row) => lengthOf(row[column]!)));
    return column < keys
      ? Math.min(longest, longestKey)
      : Math.min(longest, width - keys * (longestKey + GAP));
  });
  const tables = columnGroups(widths, keys, width).map((group) =>
    cells.map((row, index) => {
      const line = group.map((column) => aligned(row[column]!, widths[column]!, columns[column]!.align))
        .join(" ".repeat(GAP)).trimEnd();
      return index === 0 ? style.dim(line) : line;
    }).join("\n")
  );
  return [...wrapped(caption, width), tables.join("\n\n")].join("\n");
}

const GAP = 2;

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

function aligned(text: string, width: number, align: "left" | "right"): string {
  const short = shortened(text, width);
  const space = " ".repeat(width - lengthOf(short));
  return align === "left" ? short + space : space + short;
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** Lines of at most `width` characters, broken at spaces; a longer word is cut. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line: string[] = [];
  for (const word of printable(text).split(" ")) {
    const characters = Array.from(word);
    if (line.length > 0 && line.length + 1 + characters.length <= width) {
      line.push(" ", ...characters);
      continue;
    }
    if (line.length > 0) lines.push(line.join(""));
    line = characters;
    while (line.length > width) lines.push(line.splice(0, width).join(""));
  }
  return [...lines, line.join("")];
}
