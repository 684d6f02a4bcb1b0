import type { RunRecord } from "#lab/record.ts";
import type { Store } from "#lab/store.ts";
import type { Summary } from "#lab/summary.ts";

/** Composes and writes `report.html`. Loaded late: the page carries the chart library. */
export async function writeReport(
  store: Store,
  summary: Summary,
  records: readonly RunRecord[],
  lede: string,
): Promise<void> {
  const [{ composeReport }, { renderPage }] = await Promise.all([
    import("#report/compose.ts"),
    import("#report/html.ts"),
  ]);
  await store.writeReport(renderPage(composeReport(summary, records, lede)));
}
