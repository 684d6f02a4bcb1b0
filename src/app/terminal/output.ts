import type { Report } from "#report/model.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { pageOf } from "../reports/page_of.ts";

/** Writes to a file, or to stdout where none is named. */
export async function write(text: string, out: string | undefined, io: CommandIo): Promise<void> {
  if (out === undefined) return io.stdout(text);
  await io.writeTextAtomic(out, text);
  io.stderr(`wrote ${out}\n`);
}

/** Width in characters and colour of text that goes to a file, or to stdout where none is named. */
export function terminalFor(
  out: string | undefined,
  io: CommandIo,
): { readonly columns: number; readonly color: boolean } {
  return { columns: io.columns, color: out === undefined && io.isTerminal && !io.env("NO_COLOR") };
}

/** @throws {UsageError} where a page would be printed to a terminal. */
export function refusePage(out: string | undefined, io: CommandIo): void {
  if (out === undefined && io.isTerminal) {
    throw new UsageError("An HTML page does not belong in the terminal: add --out FILE.html");
  }
}

export const RESULT_FORMATS = ["terminal", "html", "json"] as const;
type ResultFormat = typeof RESULT_FORMATS[number];

interface ResultOutput {
  readonly format: ResultFormat;
  /** File that the result goes to; the terminal then shows it as text. */
  readonly out: string | undefined;
  readonly verbose: boolean;
}

/** The format that was asked for, else the one that the file's name ends with. */
export function formatFor(
  { format, out }: { format?: ResultFormat | undefined; out?: string | undefined },
): ResultFormat {
  const ending = /\.(html?|json)$/i.exec(out ?? "")?.[1]?.toLowerCase();
  return format ?? (ending === undefined ? "terminal" : ending === "json" ? "json" : "html");
}

/** Prints a result, or writes it to a file and prints its report as text. */
export async function presentResult(
  result: unknown,
  report: Report,
  { format, out, verbose }: ResultOutput,
  io: CommandIo,
): Promise<void> {
  const { renderTerminal } = await import("#report/render/terminal.ts");
  const text = (file: string | undefined, page: string | null) =>
    renderTerminal(report, { ...terminalFor(file, io), page, verbose });
  const content = format === "json"
    ? JSON.stringify(result, null, 2) + "\n"
    : format === "html"
    ? await pageOf(report)
    : text(out, null);
  if (out === undefined) return io.stdout(content);
  await io.writeTextAtomic(out, content);
  io.stdout(text(undefined, out));
}
