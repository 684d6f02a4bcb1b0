import { join } from "node:path";
import type { Report } from "#report/model.ts";
import { rangeTestFile } from "#results/lr_range.ts";
import { summaryFile } from "#results/summary.ts";
import { sweepFile } from "#results/sweep.ts";
import { theoryFile } from "#results/theory.ts";
import type { RunRecord } from "#results/run.ts";
import type { Kind, StudyResults } from "#study/study.ts";
import { type FileOfRun, readArmMasks } from "../storage/read_mask_examples.ts";
import { readRangeTest, readSweep } from "../storage/read_others.ts";
import { readUnlessDamaged } from "../storage/read_result.ts";
import { writeAtomic } from "../storage/write.ts";

/** Files that a kind of study writes to its folder beside its runs. */
export interface Output<K extends Kind> {
  /** Name of the result's file; `null` for a result that is not saved. */
  readonly file: string | null;
  /** True where the result is also written before the first run and after each stage: it identifies a killed study. */
  readonly eachStage: boolean;
  /** True where `plan.json` lists all planned runs and `origin.json` holds the invocation. */
  readonly listsPlans: boolean;
  /** The folder's earlier result; `null` where there is none, or one that is made anew from the runs. */
  read(folder: string): Promise<StudyResults[K] | null>;
  /** @param file files that runs left, for what a report shows of them. */
  compose(result: StudyResults[K], records: readonly RunRecord[], file: FileOfRun): Promise<Report | null>;
}

const nothing = () => Promise.resolve(null);

/** By kind. What composes a page is loaded late: it carries the chart library. */
export const OUTPUTS: { readonly [K in Kind]: Output<K> } = {
  experiment: {
    file: summaryFile.name,
    eachStage: false,
    listsPlans: true,
    // A damaged one is made anew: the spec alone says which experiment it is.
    read: (folder) => readUnlessDamaged(folder, summaryFile),
    compose: async (summary, records, file) =>
      (await import("#report/compose/experiment.ts")).composeReport(
        summary,
        records.filter(({ plan }) => plan.role === "arm"),
        await readArmMasks(records, file),
      ),
  },
  sweep: {
    file: sweepFile.name,
    eachStage: true,
    listsPlans: false,
    read: readSweep,
    compose: async (outcome) => (await import("#report/compose/sweep.ts")).composeSweep(outcome),
  },
  "range test": {
    file: rangeTestFile.name,
    eachStage: true,
    listsPlans: false,
    read: readRangeTest,
    compose: async (result) => (await import("#report/compose/lr_range.ts")).composeRangeTest(result),
  },
  theory: {
    file: theoryFile.name,
    eachStage: false,
    listsPlans: false,
    read: nothing,
    compose: async (summary) => (await import("#report/compose/theory.ts")).composeTheoryReport(summary),
  },
  verification: { file: null, eachStage: false, listsPlans: false, read: nothing, compose: nothing },
};

/** Writes a result as JSON, where it is saved. */
export async function writeResult<K extends Kind>(
  folder: string,
  { file }: Output<K>,
  result: StudyResults[K],
): Promise<void> {
  if (file !== null) await writeAtomic(join(folder, file), JSON.stringify(result, null, 2) + "\n");
}
