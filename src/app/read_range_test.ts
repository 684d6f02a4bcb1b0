import type { RangeTestResult } from "#lab/range_test/result.ts";
import { rangeTestSchema } from "./range_test_schema.ts";
import { readResult } from "./read_sweep.ts";

/**
 * What a range test left in its folder; `null` where there is no `range-test.json`.
 *
 * @throws {UsageError} where it is none that this version of the lab wrote.
 */
export async function readRangeTest(folder: string): Promise<RangeTestResult | null> {
  return await readResult<RangeTestResult>(folder, "range-test.json", rangeTestSchema);
}
