import { join } from "node:path";
import type { RangeTestResult } from "#results/lr_range_test.ts";
import type { SweepOutcome } from "#results/sweep.ts";
import type { OtherResult } from "#report/compose/index.ts";
import type { Report } from "#report/model.ts";
import type { TheorySummary } from "#theory/summary.ts";
import { rangeTestSchema } from "#results/lr_range_test_schema.ts";
import { checked, readJson, readResult } from "./read_result.ts";
import { otherResultSchema } from "#results/summary_schema.ts";
import { sweepSchema } from "#results/sweep_schema.ts";
import { theorySummarySchema } from "#results/theory_schema.ts";

/**
 * What a sweep left in its folder; `null` where there is no `sweep.json`.
 *
 * @throws {UsageError} where it is none that this version of the lab wrote.
 */
export function readSweep(folder: string): Promise<SweepOutcome | null> {
  return readResult<SweepOutcome>(folder, "sweep.json", sweepSchema);
}

/**
 * The result of a range test; `null` where there is no `range-test.json`.
 *
 * @throws {UsageError} where it is none that this version of the lab wrote.
 */
export function readRangeTest(folder: string): Promise<RangeTestResult | null> {
  return readResult<RangeTestResult>(folder, "range-test.json", rangeTestSchema);
}

/** The summary of exercise 0; `null` where the folder holds something else. */
async function readTheory(folder: string): Promise<TheorySummary | null> {
  const path = join(folder, "summary.json");
  const found = await readJson(path);
  if (!isOther(found) || found.kind !== "theory") return null;
  checked(path, found, theorySummarySchema);
  return found as unknown as TheorySummary;
}

/**
 * The report of a sweep, a range test or the theory, and what it is made of; `null` where the folder holds none of
 * them. What composes a page is loaded where there is one to compose.
 *
 * @throws {UsageError} where it holds one that this version of the lab did not write.
 */
export async function reportOther(folder: string): Promise<{ report: Report; data: object } | null> {
  const sweep = await readSweep(folder);
  if (sweep !== null) {
    const { composeSweep } = await import("#report/compose/sweep.ts");
    return { report: composeSweep(sweep), data: sweep };
  }
  const rangeTest = await readRangeTest(folder);
  if (rangeTest !== null) {
    const { composeRangeTest } = await import("#report/compose/lr_range.ts");
    return { report: composeRangeTest(rangeTest), data: rangeTest };
  }
  const theory = await readTheory(folder);
  if (theory !== null) {
    const { composeTheoryReport } = await import("#report/compose/theory.ts");
    return { report: composeTheoryReport(theory), data: theory };
  }
  return null;
}

/** Files with results that are no experiment's. */
const OTHERS = ["sweep.json", "range-test.json", "summary.json"];

/**
 * What an index tells of a sweep, a range test or the theory; `null` where the folder holds none of them.
 *
 * @throws {UsageError} where it holds one that this version of the lab did not write.
 */
export async function readOtherResult(folder: string): Promise<OtherResult | null> {
  for (const name of OTHERS) {
    const path = join(folder, name);
    const found = await readJson(path);
    if (isOther(found)) return checked(path, found, otherResultSchema);
  }
  return null;
}

/** An experiment's summary has no kind. */
export function isOther(found: unknown): found is { kind: unknown } {
  return typeof found === "object" && found !== null && "kind" in found;
}
