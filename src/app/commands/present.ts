import { join } from "node:path";
import type { Kind } from "#study/study.ts";
import { type CommandIo, Interrupted } from "../io.ts";
import { openInBrowser } from "../open.ts";
import type { Outcome } from "../session/session.ts";
import { printReport } from "../terminal/print_report.ts";

export interface PresentOptions {
  readonly format: "text" | "json";
  readonly open: boolean;
  /** True for the whole report as text, not its first screen alone. */
  readonly verbose: boolean;
}

/**
 * Prints a result: as JSON, or its report as text. Opens the page where that was asked for.
 *
 * @throws {Interrupted} after a study that was stopped.
 */
export async function present<K extends Kind>(
  { folder, result, report, interrupted }: Outcome<K>,
  { format, open, verbose }: PresentOptions,
  io: CommandIo,
): Promise<void> {
  const page = join(folder, "report.html");
  if (format === "json") {
    io.stdout(JSON.stringify({ ...result, folder }, null, 2) + "\n");
  } else if (report !== null) {
    await printReport({ report, page }, { verbose }, io);
  }
  if (open) await openInBrowser(page, io);
  if (interrupted) throw new Interrupted();
}
