import { z } from "zod";
import { deviceSchema, provenanceSchema, sizesSchema } from "./provenance_schema.ts";
import { sweptCells } from "./swept_cells_schema.ts";

const share = z.number().nullable();
const count = z.int().min(0);
const common = { path: z.string() };

const axis = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("list"), ...common, values: z.array(z.unknown()) }),
  z.looseObject({
    kind: z.literal("range"),
    ...common,
    scale: z.enum(["linear", "log"]),
    from: z.number(),
    to: z.number(),
    points: count.nullable(),
  }),
]);

const rung = z.looseObject({
  rung: z.int().min(1),
  duration: z.string(),
  steps: count,
  images: count,
  cells: z.array(z.looseObject({ cell: count, mean: share, kept: z.boolean() })),
  dropped_within: z.array(count),
});

/** What the page and `--resume` read of a `sweep.json`. Other keys may stand beside these. */
export const sweepSchema = z.looseObject({
  version: z.literal(1),
  kind: z.literal("sweep"),
  name: z.string(),
  complete: z.boolean(),
  stopped_early: z.string().nullable(),
  request: z.looseObject({
    axes: z.array(axis).min(1),
    arm: z.string(),
    method: z.enum(["grid", "random", "halving"]),
    samples: count.nullable(),
    draw: z.number(),
    eta: z.number(),
    seeds: z.array(z.number()),
    duration: z.string(),
  }),
  model: z.string(),
  dataset: sizesSchema,
  device: deviceSchema,
  provenance: provenanceSchema,
  ...sweptCells,
  rungs: z.array(rung),
  warnings: z.array(z.string()),
  spent: z.looseObject({ runs: count, steps: count, images: count }),
}).superRefine((sweep, context) => {
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
});
