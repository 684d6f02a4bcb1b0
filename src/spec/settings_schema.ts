import { z } from "zod";
import { DURATION_HELP, parseDuration } from "#lib/duration.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { isObject } from "#lib/json.ts";
import { optimizerSchema, optimizerShapes } from "./optimizer_schema.ts";

const DESCRIPTION = "a length of training with its unit: `30 epochs`, `500 steps` or `10%` of the run";

/** `30 epochs`, `500 steps`, `10%`. Kept as text, so that a spec prints as it was written. */
export const duration = z.string({ error: () => DURATION_HELP }).superRefine((text, context) => {
  try {
    const { unit } = parseDuration(text);
    if (unit === "rest" || unit === "samples" || unit === "tokens") {
      throw new RangeError(`Cannot use ${JSON.stringify(text)} here, only in a schedule; ${DURATION_HELP}`);
    }
  } catch (error) {
    // What refines a length further can then read it.
    context.addIssue({ code: "custom", message: (error as Error).message, continue: false });
  }
}).meta({
  description: DESCRIPTION,
  pattern: String.raw`^[0-9.eE+-]+\s*(epochs?|steps?|%)$`,
  examples: ["30 epochs", "500 steps", "10%"],
});

/** The same in a schedule, which also takes samples, tokens and the rest of the run; its check is the catalogue's. */
export const scheduleDuration = z.string().meta({
  description: `${DESCRIPTION}, \`2M samples\`, \`10B tokens\`, or \`rest\``,
  pattern: String.raw`^(rest|[0-9.eE+-]+\s*([kKMB]?\s*(epochs?|steps?|samples?|tokens?)|%))$`,
  examples: ["30 epochs", "500 steps", "10%", "2M samples", "10B tokens", "rest"],
});

/** A schedule is checked against the catalogue after the rest of the spec, with paths of its own. */
export const schedule = z.custom<ScheduleSpec>(
  isObject,
  { error: "expected a schedule, such as { name: cosine, lr: 0.1, T_max: 30 epochs }" },
).meta({ id: "schedule", description: "a schedule from the catalogue" });

export const count = z.int().min(1);
export const rate = z.number().positive();
export const seed = z.int().min(0).max(2 ** 31 - 1);
export const unique = <T>(values: readonly T[]) =>
  new Set(values.map((value) => JSON.stringify(value))).size === values.length;

const share = z.number().min(0).max(1);

const parameterGroup = z.strictObject({
  match: z.string().min(1).max(200).meta({
    description: "parameters by name, `*` for any characters: `conv1/*`, `norm*`, `*/bias`",
  }),
  lr_factor: z.number().min(0).optional().meta({ description: "multiplies the schedule's rate" }),
  schedule: schedule.nullable().optional().meta({ description: "a schedule of the group's own" }),
  weight_decay: z.number().min(0).nullable().optional().meta({
    description: "in place of the optimizer's; null for the optimizer's",
  }),
  frozen_until: duration.nullable().optional().meta({
    description: "the weights stay as they are before this point",
  }),
  frozen_from: duration.nullable().optional().meta({
    description: "the weights stay as they are from this point on",
  }),
});

/** Keys of every optimizer beside its own and its weight decay. */
const common = {
  clip_norm: z.number().positive().nullable().default(null).meta({
    description: "bound on the global norm of the gradient; null for none",
  }),
  clip_value: z.number().positive().nullable().optional().meta({
    description: "bound on each component of the gradient, before clip_norm",
  }),
  reset_at_restart: z.boolean().optional().meta({
    description: "true: the optimizer's slots go back to zero at each warm restart",
  }),
  groups: z.array(parameterGroup).max(20).optional().meta({
    description:
      "parameters with a rate, decay or freezing of their own; the first pattern that fits decides",
  }),
};
export const optimizer = optimizerSchema(common);

/** Names of models that an average must not take. */
const RESERVED = ["final", "snapshot", "ensemble", "cycles"];
const averageName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, {
  error: "expected a name in lower case, such as ema",
}).refine((name) => !RESERVED.includes(name), `one of ${RESERVED.join(", ")} is no name of an average`);

const average = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("ema"),
    name: averageName.default("ema").meta({ description: "name of the averaged model in the report" }),
    decay: z.number().gt(0).lt(1).default(0.99).meta({
      description: "share of the average that stays at each sample",
    }),
    from: duration.default("0 steps").meta({ description: "time of the first sample" }),
    every: duration.default("1 step").meta({ description: "time between two samples" }),
  }),
  z.strictObject({
    kind: z.literal("swa"),
    name: averageName.default("swa").meta({ description: "name of the averaged model in the report" }),
    from: duration.default("75%").meta({ description: "time of the first sample" }),
    every: duration.default("1 epoch").meta({ description: "time between two samples" }),
  }),
  z.strictObject({
    kind: z.literal("cycle"),
    name: averageName.default("cycle").meta({ description: "name of the averaged model in the report" }),
    from: share.default(0.5).meta({ description: "share of each cycle after which its average begins" }),
    every: duration.default("1 step").meta({ description: "time between two samples" }),
  }),
]).meta({
  description: "an average of the weights, batch-norm statistics re-estimated before it is evaluated",
});

/** Keys that only some data sets have; the vocabulary says which. */
export const ownDatasetKeys = {
  path: z.string().min(1).max(4096).exactOptional().meta({
    description:
      "file or folder of one's own data (images, image-masks, npz, idx, text), relative to the spec; no part of a run's identity, which is " +
      "the digest of the images or tokens",
  }),
  size: z.int().min(8).max(512).exactOptional().meta({
    description:
      "height and width that images are cropped and resized to, in pixels (images); 32 where left out",
  }),
  colour: z.enum(["rgb", "grey"]).exactOptional().meta({
    description: "colours that images are read in (images); rgb where left out",
  }),
  labels: z.enum(["fine", "coarse"]).exactOptional().meta({
    description: "a hundred classes or twenty (cifar-100); fine where left out",
  }),
  context: z.int().min(8).max(1024).exactOptional().meta({
    description:
      "tokens in a window of text, each predicted from those before it (text, grammar); 64 where left out; " +
      "durations in tokens count them",
  }),
};

export const averages = z.array(average).max(8).refine(
  (values) => unique(values.map(({ name }) => name)),
  "two averages share a name",
).meta({ description: "averages of the weights, evaluated beside them" });
export const snapshots = z.strictObject({
  limit: z.int().min(1).max(100).default(10).meta({ description: "number of snapshots to retain" }),
}).meta({
  description: "the weights at the last step of each cycle are retained, the newest `limit` of them",
});
export const batchSize = z.int().min(1).max(8192).meta({ description: "images in a batch" });
export const accumulate = z.int().min(1).max(1024).meta({
  description: "batches in a step; a schedule counts steps",
});
/** More steps than any run makes; beyond, numbers of steps would not be whole. */
const MOST_STEPS = 1e9;
export const runLength = duration.refine(
  (text) => parseDuration(text).unit !== "percent",
  { error: "the length of the whole run is in epochs or steps", abort: true },
).refine((text) => {
  const { unit, value } = parseDuration(text);
  return value > 0 && value <= MOST_STEPS && (unit === "epochs" || Number.isInteger(value));
}, `a run lasts from 1 step, whole, or a part of an epoch, to ${MOST_STEPS.toExponential()} of them`);

/** Keys that any optimizer may have: for messages about one that is not known. */
export const OPTIMIZER_KEYS = [...new Set(optimizerShapes(common).flatMap(Object.keys))];
