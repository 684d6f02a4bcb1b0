import { z } from "zod";

const share = z.number().nullable();
const count = z.int().min(0);
const interval = z.tuple([z.number(), z.number()]).nullable();

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
    seed: z.number().nullable(),
    accuracy: share,
    reason: z.enum(["budget", "diverged", "stopped"]),
  })),
});

/** Keys that `sweep.json` and the `sweep` of a `summary.json` share. */
export const sweptCells = {
  metric: z.literal("validation_accuracy"),
  axes: z.array(z.looseObject({
    path: z.string(),
    label: z.string(),
    scale: z.enum(["linear", "log", "list"]),
    values: z.array(z.unknown()),
  })).min(1),
  cells: z.array(cell),
  best: z.looseObject({ cell: count, values: z.array(z.unknown()), mean: z.number() }).nullable(),
  region: z.looseObject({
    cells: z.array(count).min(1),
    of: count,
    seeds: count,
    axes: z.array(z.looseObject({ path: z.string(), values: z.array(z.unknown()) })),
    residual: share,
    detectable: share,
  }).nullable(),
};

/** The sweep of an older summary, whose cells were indices into the axes' values with a count of runs. */
const byIndex = z.looseObject({
  axes: z.array(z.looseObject({ path: z.string(), label: z.string(), values: z.array(z.unknown()) })),
  cells: z.array(z.looseObject({ at: z.array(count), mean: share, spread: share, runs: count })),
});

/** The `sweep` of a `summary.json`. What an older version wrote becomes the form of today, without a best region. */
export const experimentSweepSchema = z.preprocess(
  (found) => {
    const old = byIndex.safeParse(found);
    return old.success ? { ...old.data, ...fromIndices(old.data), best: null, region: null } : found;
  },
  z.looseObject({ arm: z.string(), ...sweptCells }),
);

function fromIndices({ axes, cells }: z.infer<typeof byIndex>) {
  return {
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
  };
}
