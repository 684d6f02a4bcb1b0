import type { LossLawResult } from "#results/loss_law.ts";
import { composeLossLaw } from "#report/compose/loss_law.ts";
import { renderTerminal } from "#report/render/terminal.ts";
import type { CommandIo } from "../../io.ts";
import { pageOf } from "../../reports/write_report.ts";
import type { PresentOptions } from "../judge/present.ts";

/** Prints a prediction, or writes it to a file and prints it as text. */
export async function presentPrediction(
  result: LossLawResult,
  { format, out, verbose }: PresentOptions,
  io: CommandIo,
): Promise<void> {
  const report = composeLossLaw(result);
  const text = (page: string | null, color: boolean) =>
    renderTerminal(report, { columns: io.columns, color, page, verbose });
  const content = format === "json"
    ? JSON.stringify(result, null, 2) + "\n"
    : format === "html"
    ? await pageOf(report)
    : text(null, out === undefined && io.isTerminal && !io.env("NO_COLOR"));
  if (out === undefined) return io.stdout(content);
  await io.writeTextAtomic(out, content);
  io.stdout(text(out, io.isTerminal && !io.env("NO_COLOR")));
}
