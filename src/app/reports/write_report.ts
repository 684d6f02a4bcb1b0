import type { RunRecord } from "#results/run.ts";
import { readArmMasks } from "../storage/read_mask_examples.ts";
import type { Store } from "../storage/store.ts";
import type { Summary } from "#results/summary.ts";
import type { Report } from "#report/model.ts";

/** Composes and writes `report.html`. What makes the page is loaded late: it carries the chart library. */
export async function writeReport(
  store: Store,
  summary: Summary,
  records: readonly RunRecord[],
): Promise<Report> {
  const { composeReport } = await import("#report/compose/experiment.ts");
  const report = composeReport(summary, records, await readArmMasks(records, store.file));
  await store.writeReport(await pageOf(report));
  return report;
}

/** The report as one HTML file. */
export async function pageOf(report: Report): Promise<string> {
  const [{ renderPage }, { assets }] = await Promise.all([
    import("#report/render/html.ts"),
    import("#report/page/assets.ts"),
  ]);
  return await renderPage(report, assets);
}
