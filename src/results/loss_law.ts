import { z } from "zod";
import { LAW_NAMES } from "#theory/loss_laws/laws.ts";
import { type DataOf, resultFile } from "./file.ts";
import { count } from "./parts.ts";
import { asVersion2 } from "./upgrade.ts";

const losses = z.array(z.number()).describe("nats");

const curve = z.object({
  name: z.string(),
  fitted: z.boolean().describe("true where the law was fitted to it"),
  peak: z.number().describe("largest rate"),
  steps: z.array(count).describe("steps done at each point"),
  predicted: losses,
  low: losses.describe(
    "lower end of the 95 % interval of a recorded loss, if the law holds as for the fitted curves",
  ),
  high: losses,
  recorded: z.object({
    losses: losses.describe("mean over the seeds and the steps around each point"),
    interval: z.array(z.tuple([z.number(), z.number()])).nullable().describe(
      "95 % interval of the mean over seeds at each point; null for fewer than two seeds",
    ),
    seeds: z.array(count),
  }).nullable().describe("null for a schedule that was not trained"),
  scores: z.object({
    r2: z.number().describe("coefficient of determination of the predicted losses"),
    mean_error: z.number().describe("mean of |predicted / recorded − 1|"),
    end_error: z.number().describe("predicted / recorded − 1 at the last point"),
    within_seeds: z.number().nullable().describe(
      "share of points whose prediction lies in the interval of the seeds",
    ),
    within_prediction: z.number().describe("share of recorded losses that lie in the prediction's interval"),
  }).nullable(),
});

/** `predict --format json`: a loss law, the curves that it was fitted to, and those that it predicts. */
export const lossLawFile = resultFile({
  name: "loss-law.json",
  id: "loss-law",
  schema: z.object({
    version: z.literal(2),
    kind: z.literal("loss law"),
    law: z.enum(LAW_NAMES),
    source: z.string(),
    parameters: z.record(z.string(), z.number()).describe(
      "in units of rates, steps and nats, as in the paper",
    ),
    fitted: z.array(z.string()),
    epochs: z.number().describe("epochs of the longest fitted run: above 1, data were seen again"),
    fitted_peaks: z.array(z.number()).describe("largest rates of the fitted curves, rising"),
    curves: z.array(curve),
    notes: z.array(z.string()).describe("curves that were left out, and why"),
  }).describe("a law of the loss fitted to recorded curves, and what it predicts"),
  upgrade: asVersion2,
});

export type LossLawResult = DataOf<typeof lossLawFile.schema>;
