import { z } from "zod";
import { model } from "./model_schema.ts";
import { loss } from "./loss_schema.ts";
import { optimizer, ownDatasetKeys } from "./settings_schema.ts";

const count = z.int().min(0);
const schedule = z.looseObject({ name: z.string() });
const common = { name: z.string(), from: z.number(), every: z.number() };

const average = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ema"), ...common, decay: z.number() }),
  z.object({ kind: z.literal("swa"), ...common }),
  z.object({ kind: z.literal("cycle"), ...common }),
]);

const { path: _path, ...datasetKeys } = ownDatasetKeys;

/** Without its path: images are known by their digest, wherever they lie. */
export const datasetRequest = z.object({
  name: z.string(),
  train: count.nullable().describe("training images; null for what the data set has"),
  validation: count.nullable(),
  test: count.nullable(),
  augment: z.array(z.enum(["crop", "flip"])),
  ...datasetKeys,
});

/**
 * One run, complete: everything that decides its numbers except the device. Optional keys are absent where they are not
 * used, so that a plan keeps its run key when the lab learns something new.
 */
export const runPlanSchema = z.object({
  id: z.string().describe("folder name, unique in the experiment: <arm>-<seed>, <arm>-<seed>-<member>"),
  role: z.enum(["tune", "arm", "sweep", "budget"]),
  arm: z.string(),
  seed: count.describe("decides initial weights, the order of images, and augmentation"),
  member: z.object({ of: z.number(), index: z.number() }).exactOptional().describe(
    "for arms of several independent models: the seed that their runs stand for, and which of them this is",
  ),
  dataset: datasetRequest,
  model,
  optimizer,
  loss: loss.exactOptional().describe("absent: plain cross-entropy"),
  schedule,
  batch_size: count.describe("images that go through the network at a time"),
  accumulate: count.exactOptional().describe("batches of that size in a step; absent is 1"),
  total_steps: count.describe("the step at which it ends, those before `first_step` included"),
  first_step: count.exactOptional()
    .describe(
      "the first step of a run with a parent; absent is 0. Absolute, as all steps are",
    ),
  clock: z.object({ origin: count, total_steps: count }).exactOptional().describe(
    "the schedule's own time: its step 0 is the run's step `origin`, and percentages are of `total_steps`; absent: " +
      "origin is `first_step`, total is the rest of the run",
  ),
  get start() {
    return z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("run"), plan: runPlanSchema }),
      z.object({
        kind: z.literal("file"),
        path: z.string(),
        digest: z.string().describe(
          "SHA-256 (hex) of the file, so that the run is known by what it starts from",
        ),
      }),
    ]).exactOptional().describe("the run's parent: the end of another run, or a file");
  },
  steps_per_epoch: z.number(),
  eval_every: z.number().describe("steps between evaluations on validation data"),
  read_test: z.boolean().describe("whether the test split is read, once, after the last step"),
  averages: z.array(average).exactOptional(),
  snapshots: z.object({ limit: z.number() }).exactOptional()
    .describe("weights are saved at the last step of each cycle, the newest `limit` of them"),
  probe: z.object({ steps: count, every: count }).exactOptional()
    .describe("steps whose update statistics are measured, from the first on"),
  hessian: z.object({ steps: count, every: count, images: count, products: count }).exactOptional().describe(
    "measurements of the largest eigenvalue of the Hessian: steps from the first on, every so many of them",
  ),
  gradient_norms: z.boolean().exactOptional().describe("whether every step reports the norm of its gradient"),
  predictions: z.boolean().exactOptional().describe(
    "whether the predictions of final weights, snapshots and averages for validation and test images are saved",
  ),
  forensics: z.boolean().exactOptional().describe(
    "whether paths between snapshots, from start to end, and their sharpness are measured after the last step",
  ),
  keep_end: z.boolean().exactOptional()
    .describe("whether the state at the end is saved, for runs that start from it; no part of the run's key"),
  lr_range: z.object({ smoothing: z.number() }).exactOptional().describe(
    "the ramp of a learning-rate range test: it ends where the loss diverges, and nothing is evaluated; `smoothing` is " +
      "the weight of the past in the smoothed loss that divergence is judged by",
  ),
});
