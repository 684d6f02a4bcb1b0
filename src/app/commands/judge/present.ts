import type { Judgement } from "#results/judgement.ts";
import { renderTerminal } from "#report/render/terminal.ts";
import { composeJudgement } from "#report/compose/judgement.ts";
import type { LoggedGroup } from "#study/logged_runs/model.ts";
import type { CommandIo } from "../../io.ts";
import { pageOf } from "../../reports/write_report.ts";

export const FORMATS = ["terminal", "html", "json"] as const;
type Format = typeof FORMATS[number];

/** The format that was asked for, else the one that the file's name ends with. */
export function formatFor(
  { format, out }: { format?: Format | undefined; out?: string | undefined },
): Format {
  const ending = /\.(html?|json)$/i.exec(out ?? "")?.[1]?.toLowerCase();
  return format ?? (ending === undefined ? "terminal" : ending === "json" ? "json" : "html");
}

export interface PresentOptions {
  readonly format: Format;
  /** File that the result goes to; the terminal then shows it as text. */
  readonly out: string | undefined;
  readonly verbose: boolean;
}

/** Prints a judgement, or writes it to a file and prints it as text. */
export async function present(
  { judgement, groups }: { readonly judgement: Judgement; readonly groups: readonly LoggedGroup[] },
  { format, out, verbose }: PresentOptions,
  io: CommandIo,
): Promise<void> {
  const report = composeJudgement(judgement, groups);
  const text = (page: string | null, color: boolean) =>
    renderTerminal(report, { columns: io.columns, color, page, verbose });
  const content = format === "json"
    ? JSON.stringify(judgement, null, 2) + "\n"
    : format === "html"
    ? await pageOf(report)
    : text(null, out === undefined && io.isTerminal && !io.env("NO_COLOR"));
  if (out === undefined) return io.stdout(content);
  await io.writeTextAtomic(out, content);
  io.stdout(text(out, io.isTerminal && !io.env("NO_COLOR")));
}
