import { z } from "zod";
import type { DataOf } from "./file.ts";
import { count, figure, schedule } from "./parts.ts";
import { datasetSizes, device } from "./provenance.ts";

const seeds = z.array(z.int());

/** A rate of one family in one setting, with its runs. */
const rate = z.object({
  value: z.number().positive().describe("the rate"),
  validation: z.array(figure).describe(
    "by tuning seed: final accuracy or likelihood of a token (0 … 1, higher is better), 0 for a run that failed, null " +
      "for one that is missing",
  ),
  test: z.array(figure).describe(
    "by comparison seed: the setting's metric, guessing for a run that failed, null for one that is missing",
  ),
  validation_failed: count.describe(
    "runs of tuning seeds that diverged, or ended hardly better than guessing",
  ),
  test_failed: count.describe("the same of comparison seeds"),
});

const family = z.object({
  family: z.string().describe("name of an entry in families"),
  rates: z.array(rate).min(1).describe("the smallest first"),
  chosen: figure.describe(
    "the rate that tuning takes: fewest failed runs, then the best lower quartile of validation; null for none",
  ),
  at_edge: z.boolean().describe("true where the chosen rate is the smallest or largest that was tried"),
});

/** A workload at one length, trained with every family. */
const setting = z.object({
  name: z.string().describe("name of its folder: cnn-2x"),
  workload: z.string().describe("cnn, vit, gpt"),
  length: z.number().describe("in lengths of the workload's shortest setting: 1, 2, 4"),
  steps: count.describe("of each run"),
  model: z.string(),
  optimizer: z.string(),
  title: z.string().describe("the workload, as a sentence names it"),
  dataset: datasetSizes,
  device,
  wall_s: z.number().describe("seconds that its training took, over all sessions"),
  metric: z.enum(["test_accuracy", "test_perplexity"]).describe("read once, after the last step"),
  better: z.enum(["higher", "lower"]),
  guessing: z.number().describe("value of the metric that guessing reaches"),
  floor: figure.describe("best value that any model can reach, where it is known; null where it is not"),
  tuning_seeds: seeds,
  seeds: seeds.describe("of the comparison: paired over families, and never used to choose a rate"),
  families: z.array(family).describe("in the order of the benchmark's families"),
});

/** A family of schedules, as it is trained. */
const familyOf = z.object({
  name: z.string(),
  why: z.string().describe("what it stands for, one line"),
  weights: z.string().nullable().describe(
    "average of the weights that it is judged by; null for the last ones",
  ),
  schedule: schedule.describe("with the rate as it is tuned; the same on every workload"),
});

/** What was trained and measured: families by setting, rate and seed. */
export const benchmarkScores = z.object({
  families: z.array(familyOf),
  settings: z.array(setting).describe("those that are finished: every family at every rate with every seed"),
  unfinished: z.array(z.object({
    name: z.string(),
    workload: z.string(),
    length: z.number(),
    runs: count.describe("finished runs"),
    of: count.describe("planned runs; 0 where it was not begun"),
  })).describe("settings with runs that are missing: they are in no rank"),
});

export type BenchmarkScores = DataOf<typeof benchmarkScores>;
export type SettingScores = DataOf<typeof setting>;
export type FamilyScores = DataOf<typeof family>;
export type RateScores = DataOf<typeof rate>;
