import type { Report } from "#report/model.ts";
import type { CommandIo } from "../io.ts";
import { terminalFor } from "./output.ts";

/** Prints a report as text, in colour where the output is a terminal that has not refused it. */
export async function printReport(
  { report, page }: { readonly report: Report; readonly page: string },
  { verbose }: { readonly verbose: boolean },
  io: CommandIo,
): Promise<void> {
  const { renderTerminal } = await import("#report/render/terminal.ts");
  io.stdout(renderTerminal(report, { ...terminalFor(undefined, io), page, verbose }));
}
