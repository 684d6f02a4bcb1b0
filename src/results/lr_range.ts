import { z } from "zod";
import { SCORE_METRICS } from "./score.ts";
import { RULES } from "#stats/rate_suggestions.ts";
import { loss } from "#spec/loss_schema.ts";
import { optimizer } from "#spec/settings_schema.ts";
import { type DataOf, resultFile } from "./file.ts";
import { comparisonVerdict, figure, interval, reason, verdict } from "./parts.ts";
import { datasetSizes, device, provenance } from "./provenance.ts";
import { asVersion2, renamed } from "./upgrade.ts";

export const rule = z.enum(RULES);

export const ramp = z.object({
  from: z.number(),
  to: z.number(),
  steps: z.number().describe("both ends are among them"),
  shape: z.enum(["exponential", "linear"])
    .describe("exponential: equal ratios, as fastai; linear: equal differences, as Smith"),
}).describe("rates, from the first step's to the last one's");

const run = z.object({
  seed: z.number(),
  reason,
  detail: z.string().nullable(),
  ms_per_step: figure,
  lr: z.array(z.number()),
  loss: z.array(figure).describe("null where it was not finite"),
  smoothed: z.array(figure).describe("bias-corrected exponential average of the loss"),
}).describe("the ramp with one seed");

const suggestion = z.object({
  rule,
  lr: figure.describe("geometric mean over the seeds that suggest a rate; null where fewer than half do"),
  interval: interval.describe("95 % bootstrap interval of that mean, on log rates; null below two seeds"),
  reason: z.string().nullable().describe("why there is no rate"),
  seeds: z.array(z.object({ seed: z.number(), lr: figure, reason: z.string().nullable() })),
});

const candidate = z.object({
  lr: z.number(),
  labels: z.array(z.string()),
  factor: figure,
  runs: z.array(z.object({
    seed: z.number(),
    accuracy: figure.describe(
      "validation accuracy, or what `metric` says, after the last step; null where the run has none",
    ),
    loss: figure,
    diverged: z.boolean(),
    failed: z.boolean().exactOptional()
      .describe("diverged, or ended hardly better than guessing; absent: only those that diverged are known"),
  })),
  accuracy: figure,
  interval: interval.describe("95 % bootstrap interval of the mean accuracy"),
  difference: z.object({
    difference: figure,
    interval,
    seeds: z.number(),
    verdict: comparisonVerdict,
  }).nullable().describe(
    "accuracy minus that at the best rate, paired over seeds; null for that rate itself and where runs failed; " +
      "minus that at the chosen rate where `best` is absent",
  ),
});

const validation = z.object({
  steps: z.number().describe("of each run"),
  schedule: z.enum(["constant", "linear"]).exactOptional()
    .describe("of each run: linear falls from the rate to 0; absent: constant"),
  seeds: z.array(z.number()),
  metric: z.enum(Object.values(SCORE_METRICS)).exactOptional().describe(
    "what rates are judged by, 0 … 1, higher is better; absent: validation_accuracy",
  ),
  candidates: z.array(candidate),
  verdict: verdict.describe("whether the chosen rate is the best of those that were tried"),
  text: z.string().describe("what came out, in a few sentences"),
  recommended: figure.describe(
    "the smallest rate within one standard error of the best one; null where runs failed at all rates",
  ),
  best: figure.exactOptional().describe(
    "the rate with the highest mean accuracy of those at which no run failed; null where runs failed at all rates",
  ),
  bracketed: z.boolean().exactOptional().describe(
    "true where worse rates were tried on both sides of the best and the recommended one",
  ),
  between: z.tuple([figure, figure]).nullable().exactOptional().describe(
    "the nearest rates below and above the best one that did detectably worse, or at which runs failed; null for none",
  ),
  fails_from: figure.exactOptional().describe(
    "the lowest rate above the best one at which a run failed; null for none",
  ),
}).describe("short runs at several rates");

/** `range-test.json` */
export const rangeTestFile = resultFile({
  name: "range-test.json",
  id: "range-test",
  schema: z.object({
    version: z.literal(2),
    kind: z.literal("range-test"),
    name: z.string(),
    complete: z.boolean().describe("false where it was stopped before its end"),
    model: z.string(),
    dataset: datasetSizes,
    device,
    provenance,
    optimizer,
    loss: loss.exactOptional().describe("absent: plain cross-entropy"),
    batch_size: z.number(),
    accumulate: z.number(),
    ramp,
    smoothing: z.number().describe("weight of the past in the smoothed losses"),
    check_steps: z.number().exactOptional()
      .describe("steps of each short run that was asked for, 0 for none; absent before version 2"),
    rule: rule.exactOptional().describe(
      "the rule whose suggestion was to be judged; absent before version 2",
    ),
    runs: z.array(run),
    suggestions: z.array(suggestion),
    chosen: z.object({
      rule: z.enum([...RULES, "end"])
        .describe("end: no rule has a rate, and it is a tenth of that at which the ramps ended"),
      lr: z.number(),
    }).nullable().describe(
      "the suggestion around which short runs try rates",
    ),
    recommended: figure
      .describe(
        "the rate to take: that of the short runs, or the chosen one where there were none; null for none",
      ),
    validation: validation.nullable(),
  }).describe(
    "the results of a learning-rate range test; rates are those that the device applied, losses in nats",
  ),
  upgrade: (data) => asVersion2(renamed(data, { made: "provenance", updates: "steps" }, ["optimizer"])),
});

export type RangeTestResult = DataOf<typeof rangeTestFile.schema>;
/** The ramp with one seed. */
export type RangeRun = DataOf<typeof run>;
/** The rates from the first step's to the last one's. */
export type Ramp = DataOf<typeof ramp>;
export type RateSuggestion = DataOf<typeof suggestion>;
export type RateValidation = DataOf<typeof validation>;
export type CandidateResult = DataOf<typeof candidate>;
