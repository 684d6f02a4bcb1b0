import { z } from "zod";
import type { DataOf } from "./file.ts";
import { figure } from "./parts.ts";

/** Accuracy (0 … 1) and loss (nats) of one set of weights; `null` where the run has no such figure. */
export const scores = {
  validation_accuracy: figure,
  validation_loss: figure,
  test_accuracy: figure,
  test_loss: figure,
};

export const model = z.object({
  name: z.string().describe("final, ema, swa, snapshot/2, cycle/2"),
  ...scores,
});

const joined = z.object({
  validation_accuracy: z.number(),
  validation_loss: z.number(),
  test_accuracy: z.number(),
  test_loss: z.number(),
}).describe("accuracy (0 … 1) and loss (nats) of several models as one");

const accuracies = joined.pick({ validation_accuracy: true, test_accuracy: true });

/** An ensemble by mean probability, and the other figures of its members. */
export const ensemble = joined.extend({
  seed: z.number(),
  kind: z.enum(["members", "snapshots", "cycles"])
    .describe("independent models, the snapshots of a run, or the averages of its cycles"),
  members: z.number(),
  steps: z.number().describe("steps that all members took together"),
  mean_logits: joined.describe("by the mean of the logits"),
  weighted: joined.describe("by mean probability, members weighted by their likelihood on validation data"),
  single: accuracies.describe("mean over the members alone"),
  chosen: accuracies.describe("the member that is best on validation data, the last of equals"),
  test_accuracy_by_members: z.array(z.number()).describe("mean over the ensembles of 1, 2, … of the members"),
  disagreement: figure.describe("share of test images (0 … 1) on which two members differ; null for one"),
});

export type ModelSummary = DataOf<typeof model>;
export type EnsembleSummary = DataOf<typeof ensemble>;
