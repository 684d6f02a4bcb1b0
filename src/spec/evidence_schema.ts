import { z } from "zod";
import { parseTime, TIME_HELP } from "#lib/time.ts";
import { count, rate, seed, unique } from "./settings_schema.ts";

/** Keys of a spec that say how its arms are tuned, swept and compared. */

export const tune = z.strictObject({
  rates: z.array(rate).min(2).refine(unique, "names a rate twice").meta({
    description: "initial rates to try, above 0",
  }),
  seeds: z.array(seed).min(1).refine(unique, "names a seed twice").meta({
    description: "seeds to try them with; no comparison may use them",
  }),
  extend: z.int().min(0).max(8).optional().meta({
    description:
      "the most times that the range may grow: as long as an arm does best with the largest or the smallest rate, " +
      "every arm tries the next one beyond it, at the same distance",
  }),
  budgets: z.union([z.boolean(), z.strictObject({ seeds: count })]).optional().meta({
    description:
      "true: every tuned arm is trained with each of its rates and the seeds of the comparison too (with `seeds` only " +
      "the first so many), so that the report has the test accuracy that tuning reaches with one rate, with two, up to all of them, and what a wrong rate costs",
  }),
}).meta({
  description:
    "before the comparison, every arm tries each of these initial rates with these seeds, and the one with the " +
    "fewest failed runs, then the best lower quartile of validation accuracy (of masks Dice, of text the likelihood of a token), takes the place of `lr: tuned` or `max_lr: tuned`; an equal budget for every arm",
});

export const sweep = z.strictObject({
  over: z.record(z.string(), z.array(z.unknown()).min(2)).refine(
    (axes) => Object.keys(axes).length >= 1 && Object.keys(axes).length <= 2,
    "expected one or two paths, each with the values to try",
  ).meta({
    description:
      "one or two paths into an arm's schedule, such as `arms[1].schedule.lr`, each with its values",
  }),
  seeds: z.array(seed).min(1).nullable().default(null).meta({
    description: "null for the seeds of the arms",
  }),
}).meta({ description: "a grid of one arm's settings" });

export const margin = z.strictObject({
  accuracy: z.number().gt(0).lt(1).optional().meta({
    description: "share of the images or tokens: 0.01 for one point; 0.01 where left out",
  }),
  loss: z.number().positive().optional().meta({ description: "nats; 0.02 where left out" }),
  perplexity: z.number().positive().optional().meta({
    description: "of text; 0.05 where left out",
  }),
  steps: z.number().gt(0).lt(1).optional().meta({
    description: "share of a run, for steps to the target; 0.05 where left out",
  }),
  overlap: z.number().gt(0).lt(1).optional().meta({
    description: "share, for Dice, IoU and boundary F1 of masks; 0.01 where left out",
  }),
  distance: z.number().positive().optional().meta({
    description: "pixels, for the Hausdorff distance of masks; 0.5 where left out",
  }),
}).meta({
  description:
    "the largest difference that does not matter, either way: an interval within it says that there is no " +
    "difference that matters",
});

export const looks = z.strictObject({
  at: z.array(z.int().min(2)).min(1).refine(
    (counts) => counts.every((count, index) => index === 0 || count > counts[index - 1]!),
    "expected counts of seeds that rise",
  ).meta({ description: "counts of seeds at which the evidence is looked at, rising" }),
  budget: z.string().refine((text) => parseTime(text) !== null, TIME_HELP).nullable().default(null).meta({
    description: "no further look begins that is not expected to end within this time; null for no limit",
  }),
}).meta({
  description:
    "seeds are added until the evidence decides: arms about which nothing is open after a look get no further seeds, " +
    "and intervals hold over all looks together; null where every arm runs with every seed",
});
