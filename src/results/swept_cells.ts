import { z } from "zod";
import type { DataOf } from "./file.ts";
import { SCORE_METRICS } from "./score.ts";
import { count, figure, interval, reason } from "./parts.ts";

const axis = z.object({
  path: z.string(),
  label: z.string(),
  scale: z.enum(["linear", "log", "list"]),
  values: z.array(z.unknown()).describe("values that were tried, numbers in rising order"),
});

const cell = z.object({
  cell: count.describe("counts from 1"),
  values: z.array(z.unknown()).describe("one an axis"),
  rung: z.int().min(1).describe("the last rung that it came to, from 1"),
  mean: figure.describe(
    "of a sweep: null where a run lacks its figure; of an experiment's sweep: over the runs that have one",
  ),
  sd: figure.describe("sample standard deviation over seeds; null below two"),
  difference: figure.describe("cell minus the best of its rung"),
  interval: interval.describe("of the difference; holds together with those of all cells of the rung"),
  steady: z.boolean().describe(
    "false where its runs scatter far more than those of other cells: training collapsed with some seeds",
  ),
  within: z.boolean().describe(
    "whether it is not detectably different from the best of its rung, neither by its mean nor by its scatter",
  ),
  runs: z.array(z.object({
    seed: figure.describe("null in a summary of version 1, which only counted the runs that ended"),
    accuracy: figure.describe("by the metric"),
    reason,
  })),
});

const region = z.object({
  cells: z.array(count).min(1).describe("the best cell, then those that are not detectably worse"),
  of: count.describe("cells that were compared: those of the last rung"),
  seeds: count,
  axes: z.array(z.object({ path: z.string(), values: z.array(z.unknown()) }))
    .describe("values of each axis within the region, numbers in rising order"),
  residual: figure.describe("standard deviation between runs once cell and seed are accounted for"),
  detectable: figure.describe("the smallest true difference that these seeds show in 8 of 10 such sweeps"),
});

/** Keys that `sweep.json` and the `sweep` of a `summary.json` share. */
export const sweptCells = {
  metric: z.enum(Object.values(SCORE_METRICS)).describe(
    "what cells are judged by, 0 … 1, higher is better; of text the likelihood of a token, 1 / perplexity",
  ),
  axes: z.array(axis).min(1),
  cells: z.array(cell).describe("every cell with its runs in the last rung that it came to"),
  best: z.object({ cell: count, values: z.array(z.unknown()), mean: z.number() }).nullable().describe(
    "the highest mean among cells that reached full length; null where no cell has all its figures",
  ),
  region: region.nullable(),
};

/** The `sweep` of a summary of version 1: its cells were indices into the axes' values, with a count of runs. */
const byIndex = z.looseObject({
  axes: z.array(z.looseObject({ path: z.string(), label: z.string(), values: z.array(z.unknown()) })),
  cells: z.array(z.looseObject({ at: z.array(count), mean: figure, spread: figure, runs: count })),
});

/** Version 2 of such a sweep, without a best region; anything else as it is. */
export function cellsByValue(sweep: unknown): unknown {
  const { success, data } = byIndex.safeParse(sweep);
  if (!success) return sweep;
  const { axes, cells } = data;
  return {
    ...data,
    axes: axes.map((axis) => ({ ...axis, scale: "list" })),
    cells: cells.map(({ at, mean, spread, runs }, index) => ({
      cell: index + 1,
      values: at.map((value, axis) => axes[axis]?.values[value]),
      rung: 1,
      mean,
      sd: spread,
      difference: null,
      interval: null,
      steady: true,
      within: false,
      runs: Array.from({ length: runs }, () => ({ seed: null, accuracy: null, reason: "budget" })),
    })),
    best: null,
    region: null,
  };
}

const shared = z.object(sweptCells);
/** The cells of a sweep: the part that `sweep.json` and the `sweep` of a `summary.json` share. */
export type SweptCells = DataOf<typeof shared>;
export type SweptAxis = DataOf<typeof axis>;
export type CellOutcome = DataOf<typeof cell>;
export type RegionOutcome = DataOf<typeof region>;
