import { join } from "node:path";
import { type Benchmark, benchmarkFile } from "#results/benchmark.ts";
import { rangeTestFile, type RangeTestResult } from "#results/lr_range.ts";
import { sweepFile, type SweepOutcome } from "#results/sweep.ts";
import { theoryFile, type TheorySummary } from "#results/theory.ts";
import type { Report } from "#report/model.ts";
import { checked, readJson, readResult } from "./read_result.ts";

/** Results that are no experiment's. */
export type OtherResult = SweepOutcome | RangeTestResult | Benchmark | TheorySummary;

/**
 * The contents of a sweep's folder; `null` where there is no `sweep.json`.
 *
 * @throws {UsageError} where it cannot be used.
 */
export function readSweep(folder: string): Promise<SweepOutcome | null> {
  return readResult(folder, sweepFile);
}

/**
 * The result of a range test; `null` where there is no `range-test.json`.
 *
 * @throws {UsageError} where it cannot be used.
 */
export function readRangeTest(folder: string): Promise<RangeTestResult | null> {
  return readResult(folder, rangeTestFile);
}

/**
 * The result of a benchmark; `null` where there is no `benchmark.json`.
 *
 * @throws {UsageError} where it cannot be used.
 */
function readBenchmarkResult(folder: string): Promise<Benchmark | null> {
  return readResult(folder, benchmarkFile);
}

/** The summary of exercise 0; `null` where the folder holds something else. */
async function readTheory(folder: string): Promise<TheorySummary | null> {
  const path = join(folder, theoryFile.name);
  const found = await readJson(path);
  return isOther(found) ? checked(path, found, theoryFile) : null;
}

/**
 * The results of a sweep, a range test, a benchmark or the theory; `null` where the folder holds none of them.
 *
 * @throws {UsageError} where it holds one that cannot be used.
 */
export async function readOtherResult(folder: string): Promise<OtherResult | null> {
  return await readSweep(folder) ?? await readRangeTest(folder) ?? await readBenchmarkResult(folder) ??
    await readTheory(folder);
}

/**
 * The report of a sweep, a range test, a benchmark or the theory, and its result as data; `null` where the folder holds none of
 * them. What composes a page is loaded where there is one to compose.
 *
 * @throws {UsageError} where it holds one that cannot be used.
 */
export async function reportOther(folder: string): Promise<{ report: Report; data: object } | null> {
  const data = await readOtherResult(folder);
  return data && { report: await reportOf(data), data };
}

async function reportOf(result: OtherResult): Promise<Report> {
  switch (result.kind) {
    case "sweep":
      return (await import("#report/compose/sweep.ts")).composeSweep(result);
    case "range-test":
      return (await import("#report/compose/lr_range.ts")).composeRangeTest(result);
    case "benchmark":
      return (await import("#report/compose/benchmark.ts")).composeBenchmark(result);
    case "theory":
      return (await import("#report/compose/theory.ts")).composeTheoryReport(result);
  }
}

/** An experiment's summary has no kind. */
export function isOther(found: unknown): found is { kind: unknown } {
  return typeof found === "object" && found !== null && "kind" in found;
}
