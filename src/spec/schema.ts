import { z } from "zod";
import type { LabelUnit } from "#train/data.ts";
import { looks, margin, sweep, tune } from "./evidence_schema.ts";
import { model } from "./model_schema.ts";
import {
  accumulate,
  averages,
  batchSize,
  count,
  duration,
  optimizer,
  ownDatasetKeys,
  rate,
  runLength,
  schedule,
  seed,
  snapshots,
  unique,
} from "./settings_schema.ts";
import { loss } from "./loss_schema.ts";

/** Names that a spec may use and that other rooms know. */
export interface Vocabulary {
  readonly datasets: readonly string[];
  readonly models: readonly string[];
  /** By data set, its keys beside those that every one has; absent where no data set has any. */
  readonly datasetKeys?: Readonly<Record<string, DatasetKeys>>;
  /** By data set, the unit that has a label; absent, or for a set that it lacks: an image. */
  readonly labelUnits?: Readonly<Record<string, LabelUnit>>;
}

interface DatasetKeys {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Values of keys that a spec leaves out and a plan needs. */
  readonly defaults?: { readonly context?: number };
}

const dataset = z.strictObject({
  name: z.string().meta({ description: "a data set of `data list`" }),
  train: count.nullable().default(null).meta({
    description: "training images, or windows of text; null for all there are",
  }),
  validation: count.nullable().default(null).meta({
    description: "images, or windows, held out of training data",
  }),
  test: count.nullable().default(null).meta({ description: "test images, or windows, read once" }),
  augment: z.array(z.enum(["crop", "flip"])).refine(unique, "names an augmentation twice").default([]).meta({
    description: "random shifts (crop) and mirror images (flip) of training images",
  }),
  ...ownDatasetKeys,
});

/** Keys of a data set: for messages about one that is not known. */
export const DATASET_KEYS = Object.keys(dataset.shape);

const forensics = z.union([z.boolean(), z.strictObject({ seeds: count })]).optional().meta({
  description:
    "true: the loss along the line between snapshots (from start to end, for an arm with `from`) and the " +
    "sharpness at them are measured; with `seeds` only in the runs with the first so many seeds",
});

/** Keys that an arm can have of its own, in place of the spec's. */
const own = {
  model: model.optional().meta({
    description: "in place of the spec's; an arm that starts from another has that one's",
  }),
  optimizer: optimizer.optional().meta({ description: "in place of the spec's" }),
  loss: loss.optional(),
  batch_size: batchSize.optional(),
  accumulate: accumulate.optional(),
  averages: averages.optional(),
  snapshots: snapshots.nullable().optional(),
  forensics,
  duration: duration.optional().meta({
    description:
      "the arm's end, counted from the beginning of its lineage; a percentage is of the spec's duration",
  }),
};

const name = z.string().trim().min(1).max(120).meta({
  description: "a name, which no other arm or stage has",
});

/** Keys of an arm beside its schedule and settings. */
const relations = {
  from: z.string().min(1).optional().meta({
    description:
      "the parent: an arm, from whose end this one starts, or a checkpoint file (a path with .safetensors)",
  }),
  rates: z.array(rate).min(2).refine(unique, "names a rate twice").optional().meta({
    description: "rates to try in place of those of `tune`, and as many: for an optimizer of another scale",
  }),
  members: z.int().min(2).max(50).optional().meta({
    description: "independent models with seeds of their own, judged together as an ensemble",
  }),
  compare: z.boolean().optional().meta({
    description: "false for an arm that is a part of others: it is drawn and not compared",
  }),
};

const arm = z.strictObject({
  name,
  schedule,
  ...own,
  ...relations,
  clock: z.enum(["append", "keep", "stretch"]).optional().meta({
    description:
      "horizon policy of an arm whose parent is an arm: the schedule's time is its own (append), the parent's, beyond " +
      "its end (keep), or that of both together (stretch); append where left out",
  }),
});

const { duration: _, ...shared } = own;

/** An arm in stages, as it is written; {@link expandStages} makes several arms of it, each the parent of the next. */
const stagedArm = z.strictObject({
  name,
  stages: z.array(z.strictObject({ name, schedule, ...own })).min(1).meta({
    description:
      "runs that each start from the end of the one before; the last one is compared with the other arms",
  }),
  ...shared,
  ...relations,
});

/** Keys that an arm may have: for messages about one that is not known. */
export const ARM_KEYS = Object.keys(arm.shape);

const shape = {
  name: z.string().trim().min(1).max(200).meta({ description: "the experiment, in the report's title" }),
  dataset: dataset.meta({ description: "the images, or the text" }),
  model,
  optimizer: optimizer.prefault({ name: "sgd" }).meta({
    description: "the optimizer of every arm that has none of its own",
  }),
  loss: loss.optional(),
  batch_size: batchSize,
  accumulate: accumulate.optional(),
  averages: averages.optional(),
  snapshots: snapshots.nullable().optional(),
  predictions: z.boolean().optional().meta({
    description: "true: predictions for validation and test images are saved, for ensembles",
  }),
  forensics,
  probe: z.strictObject({
    for: duration.meta({ description: "length from the start of the run" }),
    every: z.int().min(1).default(1).meta({ description: "steps between two measurements" }),
  }).nullable().optional().meta({
    description:
      "update statistics: norms of gradient, update and weights, and moments, for a length of training, every few steps",
  }),
  hessian: z.strictObject({
    for: duration.default("100%").meta({ description: "length from the start of the run" }),
    every: duration.default("5%").meta({
      description: "time between two measurements, the first before the first step",
    }),
    images: z.int().min(1).max(8192).default(128).meta({
      description: "training images whose mean loss it is of: the first of the seed's order, not augmented",
    }),
    products: z.int().min(1).max(100).default(20).meta({
      description:
        "the most Hessian-vector products of a measurement; it stops sooner where the residual is below 5 %",
    }),
    seeds: count.nullable().default(null).meta({
      description: "only the runs with the first so many seeds are measured; null for all",
    }),
  }).nullable().optional().meta({
    description:
      "sharpness: the largest eigenvalue of the Hessian of the training loss over the run, beside the one at which the " +
      "rate becomes unstable",
  }),
  gradient_norms: z.boolean().optional().meta({
    description: "true: the gradient's norm is measured at every step",
  }),
  duration: runLength.meta({ description: "length of a run, in epochs or steps" }),
  eval_every: duration.default("1 epoch").meta({
    description: "time between two evaluations on validation data",
  }),
  seeds: z.array(seed).min(1).refine(unique, "names a seed twice").meta({
    description: "every arm runs once with each; with `looks`, as long as something is open about it",
  }),
  looks: looks.nullable().optional(),
  margin: margin.optional(),
  tune: tune.nullable().default(null),
  arms: z.array(arm).min(1).refine((arms) => unique(arms.map(({ name }) => name)), "two arms share a name")
    .meta({
      description: "the settings to compare",
    }),
  baseline: z.string().nullable().default(null).meta({
    description: "the arm that the others are compared with; null for the first",
  }),
  sweep: sweep.nullable().default(null),
};

/** A spec as it is after profiles were merged and defaults filled in. */
export const specSchema = z.strictObject(shape);
export type Spec = Readonly<z.infer<typeof specSchema>>;

/** A spec file: a spec and, under `profiles`, named sets of keys that take the place of its own. */
export const specFileSchema = z.strictObject({
  ...shape,
  arms: z.array(z.union([arm, stagedArm])).min(1).meta({
    description: "the settings to compare; an arm has a schedule or stages",
  }),
  profiles: z.record(z.string(), z.record(z.string(), z.unknown())).optional().meta({
    description: "named sets of keys that take the place of the spec's own, for --profile",
  }),
});
