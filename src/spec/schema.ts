import { z } from "zod";
import { DURATION_HELP, parseDuration } from "#lib/duration.ts";
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

const optimizer = z.strictObject({
  name: z.literal("sgd"),
  momentum: z.number().min(0).lt(1).default(0.9),
  nesterov: z.boolean().default(false),
  weight_decay: z.number().min(0).default(0),
  clip_norm: z.number().positive().nullable().default(null).meta({
    description: "bound on the global norm of the gradient; null for none",
  }),
}).refine((value) => !value.nesterov || value.momentum > 0, {
  path: ["nesterov"],
  message: "needs a momentum above 0",
});

const arm = z.strictObject({ name: z.string().trim().min(1).max(120), schedule });

const tune = z.strictObject({
  rates: z.array(rate).min(2).refine(unique, "names a rate twice"),
  seeds: z.array(seed).min(1).refine(unique, "names a seed twice"),
}).meta({
  description:
    "before the comparison, every arm tries each of these initial rates with these seeds, and the best " +
    "by validation accuracy takes the place of `lr: tuned`; an equal budget for every arm",
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
  batch_size: z.int().min(1).max(8192),
  duration: duration.refine(
    (text) => !/%|percent/i.test(text),
    "the length of the whole run is in epochs or steps",
  ),
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
  profiles: z.record(z.string(), z.record(z.string(), z.unknown())).optional().meta({
    description: "named sets of keys that take the place of the spec's own, for --profile",
  }),
});
