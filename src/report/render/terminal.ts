import { assertNever } from "#lib/assert_never.ts";
import type { AnyChart, ChartKind } from "../charts/kind.ts";
import { CHART_KINDS, kindOf } from "../charts/registry.ts";
import { printable } from "#lib/printable.ts";
import { verdictCounts } from "../sections/overview/strip.ts";
import { expectedWord, VERDICTS } from "../format/text.ts";
import type { Block, Notice, Report, ReportAnswer, Section, Strip } from "../model.ts";
import { terminalTable } from "./terminal_table.ts";
import { fitted, wrapped } from "./terminal_text.ts";

export interface TerminalOptions {
  /** Columns of the terminal; at least 40 are used. */
  readonly columns: number;
  /** True for colours and bold text: only where the output is a terminal and `NO_COLOR` is not set. */
  readonly color: boolean;
  /** Path of the page, named in the last line; `null` for none. */
  readonly page: string | null;
  /** True for all that the page has in tables and answers; false, one screen, if not given. */
  readonly verbose?: boolean;
  /** Kinds of charts that can be drawn; the lab's own if not given. */
  readonly kinds?: readonly ChartKind[];
}

/** Lines of a report that is not verbose: it fits into one screen. */
const MOST_LINES = 39;

/**
 * The report for a terminal, in the page's order: finding, caveats and the first screen in fewer than 40 lines; a verbose
 * one goes on with the sections marked as brief. No line is longer than the terminal is wide.
 */
export function renderTerminal(report: Report<AnyChart>, options: TerminalOptions): string {
  const { columns, color, kinds = CHART_KINDS, verbose = false } = options;
  const page: Page = { width: Math.max(40, columns), style: color ? ANSI : PLAIN, color, kinds };
  const last = options.page === null ? "" : `Report: ${printable(options.page)}`;
  const isWhole = verbose || report.overview.length === 0;
  const head = [
    page.style.dim(fitted(printable(report.eyebrow), page.width)),
    ...wrapped(report.title, page.width).map(page.style.bold),
  ].join("\n");
  if (isWhole) {
    return joined([
      head,
      ...report.notices.map((notice) => noticeText(notice, page)),
      ...overviewTexts(report.overview, page, Infinity),
      ...report.sections.filter(({ brief }) => brief).map((section) => sectionText(section, page)),
      last,
    ]);
  }
  const foot = [
    ...wrapped("--verbose prints tables and every answer in full.", page.width).map(page.style.dim),
    last,
  ]
    .filter((line) => line !== "").join("\n");
  const fixed = [head, briefNotices(report.notices, page)];
  const used = lineCount(joined([...fixed, foot]));
  return joined([...fixed, ...overviewTexts(report.overview, page, MOST_LINES - used), foot]);
}

const joined = (parts: readonly string[]) => parts.filter((part) => part !== "").join("\n\n") + "\n";
const lineCount = (text: string) => text.split("\n").length - 1;

/** Missing parts in full; other caveats counted, with the beginning of the first. */
function briefNotices(notices: readonly Notice[], page: Page): string {
  const lines = notices.filter(({ kind }) => kind === "partial").map((notice) => noticeText(notice, page));
  const [first, ...more] = notices.filter(({ kind }) => kind !== "partial");
  if (first === undefined) return lines.join("\n");
  const text = fitted(
    printable(`${more.length === 0 ? "Note" : `${more.length + 1} notes`}: ${first.text}`),
    page.width,
  );
  return [...lines, page.style.verdict("inconclusive", text)].join("\n");
}

/** The blocks of the first screen within so many lines, the blank ones before them among these: each takes what it needs,
 * the last ones give way. */
function overviewTexts(blocks: readonly Block<AnyChart>[], page: Page, lines: number): string[] {
  let left = lines;
  return blocks.flatMap((block) => {
    const text = block.kind === "figure"
      ? figureText(block.title, block.terminal ?? block.chart, page)
      : block.kind === "strip"
      ? stripText(block, page, left - 1)
      : blockText(block, page);
    const needed = lineCount(text) + 2;
    if (text === "" || needed > left) return [];
    left -= needed;
    return [text];
  });
}

/** The counts, then a line for each question, as many as there is room for: the decided ones first. */
function stripText({ answers }: Strip, { width, style }: Page, lines: number): string {
  const head = style.bold(fitted(`Verdicts: ${verdictCounts(answers)}`, width));
  if (lines < 2) return head;
  const isAll = answers.length + 1 <= lines;
  const decided = (answer: ReportAnswer) => Number(answer.verdict === "inconclusive");
  const shown = isAll
    ? answers
    : answers.toSorted((a, b) => decided(a) - decided(b)).slice(0, Math.max(0, lines - 2));
  const rest = answers.length - shown.length;
  return [
    head,
    ...shown.map(({ question, hypothesis, verdict }) => {
      const expected = expectedWord(hypothesis);
      const word = `${MARKS[verdict]} ${VERDICT_WORDS[verdict]}`;
      const tail = expected === null ? "" : ` (expected: ${expected})`;
      const asked = ` ${fitted(printable(question), width - word.length - 1 - tail.length)}${tail}`;
      return style.verdict(verdict, word) + asked;
    }),
    ...(rest > 0 ? [style.dim(`  and ${rest} more`)] : []),
  ].join("\n");
}

/** Marks of verdicts in ASCII, and their words in one width. */
const MARKS = { supported: "+", contradicted: "x", equivalent: "=", inconclusive: "?" } as const;
const VERDICT_WORDS = {
  supported: "supported    ",
  contradicted: "contradicted ",
  equivalent: "no difference",
  inconclusive: "open         ",
} as const;

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
    case "pictures":
      return wrapped(block.line, page.width).join("\n");
    case "strip":
      return stripText(block, page, Infinity);
    case "interactive":
      return block.still.map((inner) => blockText(inner, page)).filter((text) => text !== "").join("\n\n");
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
  const mark = MARKS[verdict];
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
