import { z } from "zod";
import { type DataOf, resultFile } from "./file.ts";
import { count, figure, looksEnded } from "./parts.ts";
import { datasetSizes, device, provenance } from "./provenance.ts";
import { sweptCells } from "./swept_cells.ts";
import { asVersion2, renamed } from "./upgrade.ts";

const axis = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("list"), path: z.string(), values: z.array(z.unknown()) }),
  z.object({
    kind: z.literal("range"),
    path: z.string(),
    scale: z.enum(["linear", "log"]),
    from: z.number(),
    to: z.number(),
    points: count.nullable().describe("values that a grid takes; null where only random draws use the range"),
  }),
]);

/** The request of a sweep. */
export const sweepRequest = z.object({
  axes: z.array(axis).min(1),
  arm: z.string(),
  method: z.enum(["grid", "random", "halving"]),
  samples: count.nullable(),
  draw: z.number(),
  eta: z.number(),
  seeds: z.array(z.number()),
  duration: z.string(),
  min_duration: z.string().nullable(),
  all: z.boolean(),
  looks: z.object({
    at: z.array(count).min(1).describe("counts of seeds, rising"),
    budget_s: figure.describe("seconds; null for no limit"),
    margin: z.number().describe("a difference in accuracy up to this does not matter"),
  }).exactOptional().describe("where seeds are added until the best cell is known"),
}).describe("what was asked for");

const rung = z.object({
  rung: z.int().min(1),
  duration: z.string().describe("length of its runs as the spec would write it"),
  steps: count.describe("of all its runs together, as planned"),
  images: count,
  cells: z.array(z.object({ cell: count, mean: figure, kept: z.boolean() })),
  dropped_within: z.array(count)
    .describe("cells that were dropped although they are not detectably worse than the best of the rung"),
});

const schema = z.object({
  version: z.literal(2),
  kind: z.literal("sweep"),
  name: z.string(),
  complete: z.boolean().describe("false where runs are missing because the sweep was stopped"),
  stopped_early: z.string().nullable().describe("why not all planned seeds were run; null where they were"),
  request: sweepRequest,
  model: z.string(),
  dataset: datasetSizes,
  device,
  provenance,
  ...sweptCells,
  looks: z.object({
    taken: z.array(z.object({
      seeds: count,
      open: z.array(count).describe(
        "cells that were neither detectably worse than the best nor within the margin of it",
      ),
    })),
    ended: looksEnded,
  }).exactOptional().describe("where seeds were added until the best cell is known"),
  rungs: z.array(rung).describe("one, but for successive halving"),
  warnings: z.array(z.string()).describe("reasons not to use the best cell as it is"),
  spent: z.object({ runs: count, steps: count, images: count }).describe("of all runs that were made"),
}).describe("the results of a sweep; accuracies are shares, 0 … 1");

/** `sweep.json` */
export const sweepFile = resultFile({
  name: "sweep.json",
  id: "sweep",
  schema: schema.superRefine((sweep, context) => {
    const axes = sweep.axes.length;
    const rows = [...sweep.cells, ...(sweep.best ? [sweep.best] : [])];
    if (sweep.request.axes.length !== axes || rows.some(({ values }) => values.length !== axes)) {
      context.addIssue({
        code: "custom",
        message: "axes, request.axes and the values of cells differ in number",
      });
    }
    if (sweep.region && sweep.region.axes.length !== axes) {
      context.addIssue({
        code: "custom",
        path: ["region", "axes"],
        message: "there must be one for each axis",
      });
    }
  }),
  upgrade: (data) => asVersion2(renamed(data, { made: "provenance", updates: "steps" }, ["values"])),
});

export type SweepOutcome = DataOf<typeof schema>;
export type RungOutcome = DataOf<typeof rung>;
