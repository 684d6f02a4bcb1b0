import { z } from "zod";
import { count, figure, interval } from "./parts.ts";

/** The rates that tuning tried, in a summary. */

const trial = z.object({
  value: z.number().describe("the rate"),
  accuracy: figure.describe("mean final validation accuracy of the runs that did not fail; null for none"),
  diverged: z.number(),
  runs: count.exactOptional().describe("runs that came to their end, one a tuning seed"),
  failed: count.exactOptional().describe(
    "of them, those that diverged or ended hardly better than guessing among the classes",
  ),
  lower_quartile: figure.exactOptional().describe("of final validation accuracy, a failed run counting as 0"),
});

export const tuning = z.object({
  arm: z.string(),
  path: z.string(),
  trials: z.array(trial),
  chosen: z.number(),
  fails_from: figure.exactOptional().describe(
    "the smallest rate above the chosen one that was tried and with which a run failed; null for none",
  ),
});

const meanOverSeeds = {
  accuracy: figure.describe(
    "test accuracy, or a difference of two; mean over seeds, a failed run counting as guessing",
  ),
  interval: interval.describe("95 %, of this mean alone"),
};

export const budget = z.object({
  arm: z.string(),
  chosen: figure.describe("the rate that tuning takes of all"),
  rates: z.array(z.object({
    value: z.number().describe("the rate"),
    ...meanOverSeeds,
    sd: figure.describe("sample standard deviation over seeds"),
    runs: count,
    failed: count,
  })).describe("the smallest first"),
  expected: z.array(z.object({ rates: count.describe("rates that tuning tries"), ...meanOverSeeds }))
    .describe(
      "test accuracy with the seeds of the comparison at the rate that tuning takes, over all choices of so many rates",
    ),
  lost_beside_chosen: z.object(meanOverSeeds).describe(
    "at the chosen rate minus the mean at half and at twice of it; null where either was not tried",
  ),
  near_best: z.object({ from: z.number(), to: z.number(), margin: z.number() }).nullable().describe(
    "the rates around the best one whose mean is at most the margin below its",
  ),
}).describe("test accuracy by the budget of tuning, and by the rate");
