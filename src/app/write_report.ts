import type { RunRecord } from "#lab/record.ts";
import type { Store } from "#lab/store.ts";
import type { Summary } from "#lab/summary.ts";
import type { Report } from "#report/model.ts";

/** Composes and writes `report.html`. The page's assets are loaded late: they carry the chart library. */
export async function writeReport(
  store: Store,
  summary: Summary,
  records: readonly RunRecord[],
): Promise<Report> {
  const [{ composeReport }, { renderPage }, { assets }] = await Promise.all([
    import("#report/compose.ts"),
    import("#report/html.ts"),
    import("#report/assets.ts"),
  ]);
  const report = composeReport(summary, records);
  await store.writeReport(renderPage(report, assets));
  return report;
}
