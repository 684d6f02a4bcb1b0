import { z } from "zod";
import { deviceSchema, provenanceSchema, sizesSchema } from "./provenance_schema.ts";

const share = z.number().nullable();
const count = z.int().min(0);
const interval = z.tuple([z.number(), z.number()]).nullable();
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

const cell = z.looseObject({
  cell: count,
  values: z.array(z.unknown()),
  rung: z.int().min(1),
  mean: share,
  sd: share,
  difference: share,
  interval,
  steady: z.boolean(),
  within: z.boolean(),
  runs: z.array(z.looseObject({
    seed: z.number(),
    accuracy: share,
    reason: z.enum(["budget", "diverged", "stopped"]),
  })),
});

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
  axes: z.array(z.looseObject({
    path: z.string(),
    label: z.string(),
    scale: z.enum(["linear", "log", "list"]),
    values: z.array(z.unknown()),
  })).min(1),
  cells: z.array(cell),
  rungs: z.array(rung),
  best: z.looseObject({ cell: count, values: z.array(z.unknown()), mean: z.number() }).nullable(),
  region: z.looseObject({
    cells: z.array(count).min(1),
    of: count,
    seeds: count,
    axes: z.array(z.looseObject({ path: z.string(), values: z.array(z.unknown()) })),
    residual: share,
    detectable: share,
  }).nullable(),
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
