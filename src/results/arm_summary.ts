import { z } from "zod";
import { figure, reason, schedule } from "./parts.ts";
import { finalFigures, maskFigures, textFigures } from "./metrics.ts";
import { ensemble, model } from "./models.ts";

/** Runs of an arm in a summary. */

export const run = z.object({
  seed: z.number(),
  member: z.object({ of: z.number(), index: z.number() }).exactOptional()
    .describe("of several independent models: the seed that they stand for, and which of them this is"),
  steps: z.number(),
  diverged: z.boolean(),
  failed: z.literal(true).exactOptional()
    .describe(
      "only where it is true: the run diverged, or ended hardly better than guessing among the classes",
    ),
  reason,
  detail: z.string().nullable().describe("one sentence; why, where the reason is not budget"),
  ms_per_step: figure,
  steps_to_target: figure.describe(
    "first step at which validation accuracy reached the target; null if never",
  ),
  final: z.object(finalFigures(() => figure.default(null)))
    .describe("figures after the last step; training_loss is the mean over the last tenth of the steps"),
  masks: z.object(maskFigures(() => figure.default(null))).exactOptional()
    .describe(
      "of images with masks: Dice, IoU, Hausdorff distance at 95 % (pixels) and boundary F1 after the last step",
    ),
  text: z.object(textFigures(() => figure.default(null))).exactOptional()
    .describe("of text: perplexity and bits a character after the last step"),
  models: z.array(model).exactOptional()
    .describe("where the run ended with more than its final weights: these, averages, snapshots"),
});

export const arm = z.object({
  name: z.string(),
  schedule: schedule.describe("with the rate that tuning chose"),
  compared: z.literal(false).exactOptional()
    .describe("only where it is false: the arm is a part of others, drawn and not compared"),
  runs: z.array(run),
  ensembles: z.array(ensemble).exactOptional()
    .describe("where predictions were saved: models of a seed that are judged as one"),
});
