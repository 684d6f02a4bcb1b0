import { z } from "zod";
import { type Duration, DURATION_HELP, parseDuration } from "#lib/duration.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

/** What a spec may name that other rooms know. */
export interface Vocabulary {
  readonly datasets: readonly string[];
  readonly models: readonly string[];
}

/** `30 epochs`, `500 steps`, `10%`. Kept as text, so that a spec prints as it was written. */
export const duration = z.string({ error: () => DURATION_HELP }).superRefine((text, context) => {
  try {
    parseDuration(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
  }
}).meta({
  description: "a length of training with its unit: `30 epochs`, `500 steps` or `10%` of the run",
  pattern: String.raw`^[0-9.eE+-]+\s*(epochs?|steps?|%)$`,
  examples: ["30 epochs", "500 steps", "10%"],
});

/** A schedule is checked against the catalogue after the rest of the spec, with paths of its own. */
const schedule = z.custom<ScheduleSpec>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  { error: "expected a schedule, such as { name: cosine, lr: 0.1, T_max: 30 epochs }" },
).meta({ id: "schedule", description: "a schedule from the catalogue" });

const count = z.int().min(1);
const rate = z.number().positive();
const seed = z.int().min(0).max(2 ** 31 - 1);
const unique = <T>(values: readonly T[]) =>
  new Set(values.map((value) => JSON.stringify(value))).size === values.length;

const dataset = z.strictObject({
  name: z.string().meta({ description: "a data set of `data list`" }),
  train: count.nullable().default(null).meta({ description: "training images; null for all there are" }),
  validation: count.nullable().default(null).meta({ description: "images held out of training data" }),
  test: count.nullable().default(null).meta({ description: "test images, read once" }),
  augment: z.array(z.enum(["crop", "flip"])).refine(unique, "names an augmentation twice").default([]),
});

const share = z.number().min(0).max(1);

const parameterGroup = z.strictObject({
  match: z.string().min(1).max(200).meta({
    description: "parameters by name, `*` for any characters: `conv1/*`, `norm*`, `*/bias`",
  }),
  lr_factor: z.number().min(0).optional().meta({ description: "multiplies the schedule's rate" }),
  schedule: schedule.nullable().optional().meta({ description: "a schedule of the group's own" }),
  weight_decay: z.number().min(0).nullable().optional(),
  frozen_until: duration.nullable().optional(),
  frozen_from: duration.nullable().optional(),
});

const common = {
  weight_decay: z.number().min(0).default(0),
  clip_norm: z.number().positive().nullable().default(null).meta({
    description: "bound on the global norm of the gradient; null for none",
  }),
  clip_value: z.number().positive().nullable().optional().meta({
    description: "bound on each component of the gradient, before clip_norm",
  }),
  reset_at_restart: z.boolean().optional().meta({
    description: "whether the optimizer's slots go back to zero at each warm restart",
  }),
  groups: z.array(parameterGroup).max(20).optional().meta({
    description:
      "parameters with a rate, decay or freezing of their own; the first pattern that fits decides",
  }),
};
const beta = z.number().min(0).lt(1);
const eps = z.number().positive().default(1e-8);

const optimizer = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("sgd"),
    momentum: beta.default(0.9),
    nesterov: z.boolean().default(false),
    ...common,
  }).refine((value) => !value.nesterov || value.momentum > 0, {
    path: ["nesterov"],
    message: "needs a momentum above 0",
  }),
  z.strictObject({
    name: z.literal("adam"),
    betas: z.tuple([beta, beta]).default([0.9, 0.999]),
    eps,
    ...common,
  }),
  z.strictObject({
    name: z.literal("adamw"),
    betas: z.tuple([beta, beta]).default([0.9, 0.999]),
    eps,
    ...common,
    weight_decay: z.number().min(0).default(0.01),
  }),
  z.strictObject({
    name: z.literal("rmsprop"),
    alpha: beta.default(0.99),
    eps,
    momentum: beta.default(0),
    ...common,
  }),
]);

const loss = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("cross_entropy"),
    label_smoothing: z.number().min(0).lt(1).default(0).meta({
      description: "share of each label that is spread over all classes",
    }),
  }),
  z.strictObject({
    name: z.literal("focal"),
    gamma: z.number().gt(0, "expected above 0; at 0 focal loss is cross_entropy").max(10).default(2).meta({
      description: "how little images count that are classified well already",
    }),
  }),
]).meta({
  description: "what training makes small; evaluations always tell plain cross-entropy",
});

/** Names of models that an average must not take. */
const RESERVED = ["final", "snapshot", "ensemble", "cycles"];
const averageName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, {
  error: "expected a name in lower case, such as ema",
}).refine((name) => !RESERVED.includes(name), `one of ${RESERVED.join(", ")} is no name of an average`);

const average = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("ema"),
    name: averageName.default("ema"),
    decay: z.number().gt(0).lt(1).default(0.99),
    from: duration.default("0 steps"),
    every: duration.default("1 step"),
  }),
  z.strictObject({
    kind: z.literal("swa"),
    name: averageName.default("swa"),
    from: duration.default("75%"),
    every: duration.default("1 epoch"),
  }),
  z.strictObject({
    kind: z.literal("cycle"),
    name: averageName.default("cycle"),
    from: share.default(0.5).meta({ description: "share of each cycle after which its average begins" }),
    every: duration.default("1 step"),
  }),
]).meta({
  description: "an average of the weights, batch-norm statistics re-estimated before it is evaluated",
});

const averages = z.array(average).max(8).refine(
  (values) => unique(values.map(({ name }) => name)),
  "two averages share a name",
);
const snapshots = z.strictObject({ limit: z.int().min(1).max(100).default(10) }).meta({
  description: "weights are kept at the last update of each cycle, the newest `limit` of them",
});
const batchSize = z.int().min(1).max(8192);
const accumulate = z.int().min(1).max(1024);
/** More updates than any run makes; beyond, numbers of updates would not be whole. */
const MOST_UPDATES = 1e9;
const runLength = duration.refine(
  (text) => !/%|percent/i.test(text),
  "the length of the whole run is in epochs or steps",
).refine((text) => {
  const length = readDuration(text);
  if (length === null || length.unit === "percent") return true;
  return length.value > 0 && length.value <= MOST_UPDATES &&
    (length.unit === "epochs" || Number.isInteger(length.value));
}, `a run lasts from 1 step, whole, or a part of an epoch, to ${MOST_UPDATES.toExponential()} of them`);

function readDuration(text: string): Duration | null {
  try {
    return parseDuration(text);
  } catch {
    return null;
  }
}

/** What an arm can have of its own, in place of the spec's. */
const own = {
  optimizer: optimizer.optional(),
  loss: loss.optional(),
  batch_size: batchSize.optional(),
  accumulate: accumulate.optional(),
  averages: averages.optional(),
  snapshots: snapshots.nullable().optional(),
  duration: duration.optional().meta({
    description:
      "where the arm ends, counted from the beginning of what it goes on from; a percentage is of the spec's duration",
  }),
};

const name = z.string().trim().min(1).max(120);

/** What an arm is beside its schedule and settings. */
const relations = {
  from: z.string().min(1).optional().meta({
    description: "the arm whose end this one goes on from, or a checkpoint file (a path with .safetensors)",
  }),
  members: z.int().min(2).max(50).optional().meta({
    description: "independent models with seeds of their own, judged together as an ensemble",
  }),
  compare: z.boolean().optional().meta({
    description: "false for an arm that is a part of others: it is drawn, and not compared",
  }),
};

const arm = z.strictObject({
  name,
  schedule,
  ...own,
  ...relations,
  clock: z.enum(["append", "keep", "stretch"]).optional().meta({
    description:
      "the time of an arm's schedule that goes on from another arm: its own (append), that of the other arm, beyond " +
      "its end (keep), or that of both together (stretch); append where left out",
  }),
});

const { duration: _, ...shared } = own;

/** An arm in stages, as it is written; {@link expandStages} makes a chain of arms of it. */
const stagedArm = z.strictObject({
  name,
  stages: z.array(z.strictObject({ name, schedule, ...own })).min(1).meta({
    description: "runs that go on from each other; the last one is compared with the other arms",
  }),
  ...shared,
  ...relations,
});

/** Keys that an arm, any optimizer and any loss may have: for messages about one that is not known. */
export const ARM_KEYS = Object.keys(arm.shape);
export const OPTIMIZER_KEYS = [...new Set(optimizer.options.flatMap(({ shape }) => Object.keys(shape)))];
export const LOSS_KEYS = [...new Set(loss.options.flatMap(({ shape }) => Object.keys(shape)))];

const tune = z.strictObject({
  rates: z.array(rate).min(2).refine(unique, "names a rate twice"),
  seeds: z.array(seed).min(1).refine(unique, "names a seed twice"),
  extend: z.int().min(0).max(8).optional().meta({
    description:
      "how often the range may grow: as long as an arm does best with the largest or the smallest rate, every arm " +
      "tries the next one beyond it, as far from it as it is from its neighbour",
  }),
}).meta({
  description:
    "before the comparison, every arm tries each of these initial rates with these seeds, and the best " +
    "by validation accuracy takes the place of `lr: tuned` or `max_lr: tuned`; an equal budget for every arm",
});

const sweep = z.strictObject({
  over: z.record(z.string(), z.array(z.unknown()).min(2)).refine(
    (axes) => Object.keys(axes).length >= 1 && Object.keys(axes).length <= 2,
    "expected one or two paths, each with the values to try",
  ),
  seeds: z.array(seed).min(1).nullable().default(null).meta({
    description: "null for the seeds of the arms",
  }),
});

const shape = {
  name: z.string().trim().min(1).max(200),
  dataset,
  model: z.string(),
  optimizer: optimizer.prefault({ name: "sgd" }),
  loss: loss.optional(),
  batch_size: batchSize,
  accumulate: accumulate.optional().meta({
    description: "batches in an update; a schedule counts updates",
  }),
  averages: averages.optional(),
  snapshots: snapshots.nullable().optional(),
  predictions: z.boolean().optional().meta({
    description: "whether what the models predict for validation and test images is kept, for ensembles",
  }),
  forensics: z.boolean().optional().meta({
    description:
      "whether paths between snapshots (from start to end, for an arm with `from`) and their sharpness are measured",
  }),
  probe: z.strictObject({ for: duration, every: z.int().min(1).default(1) }).nullable().optional().meta({
    description: "how long every update is measured closely: norms of gradient, update and weights, moments",
  }),
  gradient_norms: z.boolean().optional(),
  duration: runLength,
  eval_every: duration.default("1 epoch"),
  seeds: z.array(seed).min(1).refine(unique, "names a seed twice"),
  tune: tune.nullable().default(null),
  arms: z.array(arm).min(1).refine((arms) => unique(arms.map(({ name }) => name)), "two arms share a name"),
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
  arms: z.array(z.union([arm, stagedArm])).min(1),
  profiles: z.record(z.string(), z.record(z.string(), z.unknown())).optional().meta({
    description: "named sets of keys that take the place of the spec's own, for --profile",
  }),
});
