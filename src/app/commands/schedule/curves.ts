import { type CommandIo, UsageError } from "../../io.ts";
import type { Arms, PlacedArm } from "./facts.ts";
import { contextOf, type Output, write } from "./output.ts";

/** The curves: chart, numbers or page. */
export async function show(
  arms: Arms<PlacedArm>,
  { format = "chart", out }: Output,
  io: CommandIo,
): Promise<void> {
  const { traceOf } = await import("./traces.ts");
  const context = await contextOf(arms);
  const traces = arms.arms.map((arm) => traceOf(arm, context));
  switch (format) {
    case "chart": {
      const { toChart } = await import("./curves_chart.ts");
      const color = io.isTerminal && out === undefined && !io.env("NO_COLOR");
      return await write(toChart(traces, { columns: io.columns, color }), out, io);
    }
    case "json":
      return await write((await import("./curves_data.ts")).toJson(traces), out, io);
    case "csv":
      return await write((await import("./curves_csv.ts")).toCsvText(traces), out, io);
    case "html": {
      if (out === undefined && io.isTerminal) {
        throw new UsageError("An HTML page does not belong in the terminal: add --out FILE.html");
      }
      const [{ playgroundPage }, { renderPage }, { assets }] = await Promise.all([
        import("./page.ts"),
        import("#report/render/html.ts"),
        import("#report/page/assets.ts"),
      ]);
      const page = await renderPage(playgroundPage(traces, arms.untuned), assets);
      return await write(page, out, io);
    }
  }
}
