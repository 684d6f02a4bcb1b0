import type { CommandIo } from "../../io.ts";
import { pageOf } from "../../reports/page_of.ts";
import { refusePage, terminalFor, write } from "../../terminal/output.ts";
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
      refusePage(out, io);
      const { auditPage } = await import("./page.ts");
      return await write(await pageOf(auditPage(outcome)), out, io);
    }
    case "terminal": {
      const [{ auditPage }, { renderTerminal }] = await Promise.all([
        import("./page.ts"),
        import("#report/render/terminal.ts"),
      ]);
      const text = renderTerminal(auditPage(outcome), {
        ...terminalFor(out, io),
        page: null,
        verbose: true,
      });
      return await write(text, out, io);
    }
  }
}
