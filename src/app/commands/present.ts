import { join } from "node:path";
import type { Kind } from "#study/study.ts";
import { type CommandIo, Interrupted } from "../io.ts";
import { openInBrowser } from "../open.ts";
import type { Outcome } from "../session/session.ts";

export interface PresentOptions {
  readonly format: "text" | "json";
  readonly open: boolean;
}

/**
 * Prints a result: as JSON, or its report as text. Opens the page where that was asked for.
 *
 * @throws {Interrupted} after a study that was stopped.
 */
export async function present<K extends Kind>(
  { folder, result, report, interrupted }: Outcome<K>,
  { format, open }: PresentOptions,
  io: CommandIo,
): Promise<void> {
  const page = join(folder, "report.html");
  if (format === "json") {
    io.stdout(JSON.stringify({ ...result, folder }, null, 2) + "\n");
  } else if (report !== null) {
    const { renderTerminal } = await import("#report/render/terminal.ts");
    const color = io.isTerminal && !io.env("NO_COLOR");
    io.stdout(renderTerminal(report, { columns: io.columns, color, page }));
  }
  if (open) await openInBrowser(page, io);
  if (interrupted) throw new Interrupted();
}
