import { type CommandIo, UsageError } from "../../io.ts";
import { write } from "../schedule/output.ts";
import type { Outcome } from "./audit_path.ts";

interface ShowOptions {
  readonly format: "terminal" | "json" | "html";
  readonly out?: string | undefined;
}

/** The outcome in the terminal, as data or as a page. */
export async function show(outcome: Outcome, { format, out }: ShowOptions, io: CommandIo): Promise<void> {
  switch (format) {
    case "json":
      return await write((await import("./json.ts")).toJson(outcome), out, io);
    case "html": {
      if (out === undefined && io.isTerminal) {
        throw new UsageError("An HTML page does not belong in the terminal: add --out FILE.html");
      }
      const [{ auditPage }, { renderPage }, { assets }] = await Promise.all([
        import("./page.ts"),
        import("#report/render/html.ts"),
        import("#report/page/assets.ts"),
      ]);
      return await write(await renderPage(auditPage(outcome), assets), out, io);
    }
    case "terminal": {
      const [{ auditPage }, { renderTerminal }] = await Promise.all([
        import("./page.ts"),
        import("#report/render/terminal.ts"),
      ]);
      const color = io.isTerminal && out === undefined && !io.env("NO_COLOR");
      const text = renderTerminal(auditPage(outcome), {
        columns: io.columns,
        color,
        page: null,
        verbose: true,
      });
      return await write(text, out, io);
    }
  }
}
