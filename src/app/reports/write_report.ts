import type { RunRecord } from "#results/run.ts";
import { readArmMasks } from "../storage/read_mask_examples.ts";
import type { Store } from "../storage/store.ts";
import type { Summary } from "#results/summary.ts";
import type { Report } from "#report/model.ts";
import { pageOf } from "./page_of.ts";

/** Composes and writes `report.html`. What composes it is loaded late. */
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
