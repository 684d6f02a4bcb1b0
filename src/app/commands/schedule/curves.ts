import type { CommandIo } from "../../io.ts";
import { pageOf } from "../../reports/page_of.ts";
import type { Arms, PlacedArm } from "../../schedules/facts.ts";
import { refusePage, terminalFor, write } from "../../terminal/output.ts";
import { contextOf, type Output } from "./output.ts";

/** The curves: chart, numbers or page. */
export async function show(
  arms: Arms<PlacedArm>,
  { format = "chart", out }: Output,
  io: CommandIo,
): Promise<void> {
  const { traceOf } = await import("../../schedules/traces.ts");
  const context = await contextOf(arms);
  const traces = arms.arms.map((arm) => traceOf(arm, context));
  switch (format) {
    case "chart": {
      const { toChart } = await import("./curves_chart.ts");
      return await write(toChart(traces, terminalFor(out, io)), out, io);
    }
    case "json":
      return await write((await import("./curves_data.ts")).toJson(traces), out, io);
    case "csv":
      return await write((await import("./curves_csv.ts")).toCsvText(traces), out, io);
    case "html": {
      refusePage(out, io);
      const { playgroundPage } = await import("../../schedules/page.ts");
      return await write(await pageOf(playgroundPage(traces, arms.untuned)), out, io);
    }
  }
}
