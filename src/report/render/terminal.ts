import { assertNever } from "#lib/assert_never.ts";
import type { AnyChart, ChartKind } from "../charts/kind.ts";
import { CHART_KINDS, kindOf } from "../charts/registry.ts";
import { printable, VERDICTS } from "../format/text.ts";
import type { Block, Notice, Report, ReportAnswer, Section } from "../model.ts";
import { terminalTable } from "./terminal_table.ts";
import { fitted, wrapped } from "./terminal_text.ts";

export interface TerminalOptions {
  /** Columns of the terminal; at least 40 are used. */
  readonly columns: number;
  /** True for colours and bold text: only where the output is a terminal and `NO_COLOR` is not set. */
  readonly color: boolean;
  /** Path of the page, named in the last line; `null` for none. */
  readonly page: string | null;
  /** Kinds of charts that can be drawn; the lab's own if not given. */
  readonly kinds?: readonly ChartKind[];
}

/** The report in brief for a terminal: its finding, notices, and the sections marked as brief. No line is longer than
 * the terminal is wide. */
export function renderTerminal(report: Report<AnyChart>, options: TerminalOptions): string {
  const { columns, color, kinds = CHART_KINDS } = options;
  const page: Page = { width: Math.max(40, columns), style: color ? ANSI : PLAIN, color, kinds };
  const parts = [
    [
      page.style.dim(fitted(printable(report.eyebrow), page.width)),
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
  readonly color: boolean;
  readonly kinds: readonly ChartKind[];
}

interface Style {
  bold(text: string): string;
  dim(text: string): string;
  verdict(verdict: ReportAnswer["verdict"], text: string): string;
}

const ansi = (on: number, off: number) => (text: string) => `\x1b[${on}m${text}\x1b[${off}m`;
const VERDICT_COLORS = { supported: 32, contradicted: 31, equivalent: 36, inconclusive: 33 } as const;
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

function sectionText({ title, blocks }: Section<AnyChart>, page: Page): string {
  const texts = blocks.map((block) => blockText(block, page)).filter((text) => text !== "");
  return texts.length === 0 ? "" : `${page.style.bold(printable(title))}\n${texts.join("\n\n")}`;
}

function blockText(block: Block<AnyChart>, page: Page): string {
  switch (block.kind) {
    case "answers":
      return block.answers.map((answer) => answerText(answer, page)).join("\n");
    case "table":
      return terminalTable(block, { width: page.width, dim: page.style.dim });
    case "facts":
      return block.facts.flatMap(({ label, value }) => wrapped(`${label}: ${value}`, page.width)).join("\n");
    case "command":
      return `  ${printable(block.text)}`;
    case "figure":
      return block.terminal === undefined ? "" : figureText(block.title, block.terminal, page);
    // Words about figures and tables are for the page.
    case "text":
      return "";
    default:
      return assertNever(block);
  }
}

function answerText(
  { question, hypothesis, verdict, finding }: ReportAnswer,
  { width, style }: Page,
): string {
  const mark = { supported: "+", contradicted: "x", equivalent: "=", inconclusive: "?" }[verdict];
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

function figureText(title: string, chart: AnyChart, { width, color, kinds }: Page): string {
  return [...wrapped(title, width), kindOf(chart, kinds).text(chart, { columns: width, color })].join("\n");
}
