import { z } from "zod";
import { datasetSizes, device, provenance } from "./provenance.ts";
import { type DataOf, resultFile } from "./file.ts";
import {
  comparisonVerdict,
  count,
  figure,
  interval,
  looksEnded,
  reason,
  schedule,
  verdict,
} from "./parts.ts";
import { finalFigures, maskFigures, textFigures } from "./metrics.ts";
import { ensemble, model } from "./models.ts";
import { cellsByValue, sweptCells } from "./swept_cells.ts";
import { asVersion2, renamed } from "./upgrade.ts";

const run = z.object({
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

const arm = z.object({
  name: z.string(),
  schedule: schedule.describe("with the rate that tuning chose"),
  compared: z.literal(false).exactOptional()
    .describe("only where it is false: the arm is a part of others, drawn and not compared"),
  runs: z.array(run),
  ensembles: z.array(ensemble).exactOptional()
    .describe("where predictions were saved: models of a seed that are judged as one"),
});

const trial = z.object({
  value: z.number().describe("the rate"),
  accuracy: figure.describe("mean final validation accuracy of the runs that did not fail; null for none"),
  diverged: z.number(),
  runs: count.exactOptional().describe("runs that came to their end, one a tuning seed"),
  failed: count.exactOptional().describe(
    "of them, those that diverged or ended hardly better than guessing among the classes",
  ),
  lower_quartile: figure.exactOptional().describe("of final validation accuracy, a failed run counting as 0"),
});

const tuning = z.object({
  arm: z.string(),
  path: z.string(),
  trials: z.array(trial),
  chosen: z.number(),
  fails_from: figure.exactOptional().describe(
    "the smallest rate above the chosen one that was tried and with which a run failed; null for none",
  ),
});

const meanOverSeeds = {
  accuracy: figure.describe(
    "test accuracy, or a difference of two; mean over seeds, a failed run counting as guessing",
  ),
  interval: interval.describe("95 %, of this mean alone"),
};

const budget = z.object({
  arm: z.string(),
  chosen: figure.describe("the rate that tuning takes of all"),
  rates: z.array(z.object({
    value: z.number().describe("the rate"),
    ...meanOverSeeds,
    sd: figure.describe("sample standard deviation over seeds"),
    runs: count,
    failed: count,
  })).describe("the smallest first"),
  expected: z.array(z.object({ rates: count.describe("rates that tuning tries"), ...meanOverSeeds }))
    .describe(
      "test accuracy with the seeds of the comparison at the rate that tuning takes, over all choices of so many rates",
    ),
  lost_beside_chosen: z.object(meanOverSeeds).describe(
    "at the chosen rate minus the mean at half and at twice of it; null where either was not tried",
  ),
  near_best: z.object({ from: z.number(), to: z.number(), margin: z.number() }).nullable().describe(
    "the rates around the best one whose mean is at most the margin below its",
  ),
}).describe("test accuracy by the budget of tuning, and by the rate");

const comparison = z.object({
  arm: z.string(),
  against: z.string(),
  metric: z.string().describe("test_accuracy, validation_accuracy, steps_to_target, …"),
  difference: figure.describe("arm minus against, mean over pairs with the same seed"),
  interval: interval.describe("95 %, so wide that all intervals of the family hold together"),
  interval_uncorrected: interval.exactOptional().describe("95 % for this comparison alone"),
  family: z.number().exactOptional().describe("comparisons on this metric that are reported together"),
  seeds: z.number().describe("pairs that went into it"),
  spread: figure.exactOptional().describe(
    "sample standard deviation of the differences; null below two pairs",
  ),
  margin: z.number().exactOptional().describe(
    "a difference up to this, either way, does not matter; named before the runs",
  ),
  failed_pairs: count.exactOptional().describe(
    "seeds that are left out because the run of either arm failed, or for steps to the target never reached it",
  ),
  verdict: comparisonVerdict,
}).describe("paired over seeds");

const failures = z.object({
  arm: z.string(),
  against: z.string(),
  failed: count.describe("seeds with which the arm failed: diverged, or hardly better than guessing"),
  against_failed: count.describe("the same seeds with which the other failed"),
  seeds: count.describe("pairs of runs that came to their end"),
  difference: figure.describe("of the shares of seeds that fail (0 … 1), arm minus against"),
  interval: interval.describe("95 %, exact for paired shares; all of the family hold together"),
  family: count.exactOptional().describe("comparisons that are reported together"),
  verdict: comparisonVerdict,
}).describe("how often runs fail, paired over seeds");

const look = z.object({
  seeds: count.describe("seeds that the arms in it had been trained with"),
  arms: z.array(z.string()).describe("arms that got further seeds for this look; those of the first are all"),
  open: z.array(z.string()).describe(
    "what was still open after it: questions, or arms where the spec asks none",
  ),
});

const looks = z.object({
  planned: z.array(count).min(1).describe("counts of seeds at which the evidence is looked at, rising"),
  taken: z.array(look),
  budget_s: figure.describe(
    "no look begins that is not expected to end within so many seconds; null for none",
  ),
  ended: looksEnded,
}).describe("looks at the evidence while seeds were added; intervals hold over all planned looks together");

const sweep = z.object({ arm: z.string(), ...sweptCells });

export const answer = z.object({
  question: z.string(),
  hypothesis: z.string().describe("what was expected before the runs"),
  verdict,
  text: z.string().describe("one to three sentences with the figures"),
  unit: z.string().describe("of effect and interval: points, steps"),
  arms: z.array(z.string()).exactOptional().describe("the arms that it is about"),
  metric: z.string().exactOptional().describe("test_accuracy, …; absent where it is no metric of a run"),
});

/** Signs of a run that trains badly. */
export const SYMPTOMS = ["nothing learnt", "plateau", "volatile", "worse after a restart"] as const;

const diagnostic = z.object({
  arm: z.string(),
  symptom: z.enum(SYMPTOMS),
  runs: z.number().describe("runs that show it"),
  of: z.number().describe("runs that came to their end"),
  text: z.string().describe("one sentence with the figures"),
  suggestions: z.array(z.object({
    change: z.string(),
    schedule,
    loss: schedule.exactOptional().describe("where the loss changes too, as a spec writes it"),
    spec: z.looseObject({}).describe("an experiment that sets the changed arm against this one"),
  })).describe("changes that may help"),
});

/** `summary.json` of an experiment. */
export const summaryFile = resultFile({
  name: "summary.json",
  id: "summary",
  schema: z.object({
    version: z.literal(2),
    name: z.string(),
    complete: z.boolean().describe("false where runs are missing because the experiment was stopped"),
    dataset: datasetSizes,
    introduction: z.string().describe("what was asked and why, one paragraph; empty for a spec of one's own"),
    model: z.string(),
    target: figure.describe(
      "validation accuracy (0 … 1) that steps_to_target asks for; null while the baseline has no finished run",
    ),
    device,
    provenance,
    arms: z.array(arm),
    tuning: z.array(tuning).describe(
      "rates tried for each arm before the comparison; the fewest failures decide, then validation accuracy",
    ),
    budgets: z.array(budget).exactOptional().describe(
      "where the spec asks for them (`tune: { budgets: true }`), of each tuned arm",
    ),
    comparisons: z.array(comparison),
    failures: z.array(failures).exactOptional().describe(
      "every compared arm against the baseline; absent in a summary of an earlier lab",
    ),
    looks: looks.exactOptional().describe("where seeds were added until the evidence decides"),
    sweep: sweep.nullable().describe("the sensitivity sweep, where the spec has one"),
    answers: z.array(answer),
    diagnostics: z.array(diagnostic).exactOptional()
      .describe("what went badly in at least half of an arm's runs, with what may help"),
  }).describe("the results of an experiment"),
  upgrade: (data) => asVersion2(withCellsByValue(renamed(data, VERSION_1, ["schedule", "spec", "axes"]))),
});

const VERSION_1 = {
  made: "provenance",
  lede: "introduction",
  findings: "diagnostics",
  remedies: "suggestions",
  updates: "steps",
};

function withCellsByValue(data: unknown): unknown {
  return typeof data === "object" && data !== null && "sweep" in data
    ? { ...data, sweep: cellsByValue(data.sweep) }
    : data;
}

export type Summary = DataOf<typeof summaryFile.schema>;
export type ArmSummary = DataOf<typeof arm>;
export type RunSummary = DataOf<typeof run>;
export type TuningSummary = DataOf<typeof tuning>;
/** Test accuracy of an arm by the number of rates that tuning tries, and by the rate. */
export type BudgetSummary = DataOf<typeof budget>;
/** Paired over seeds: `difference` is arm minus against. */
export type Comparison = DataOf<typeof comparison>;
/** Failed runs of an arm against those of another, paired over seeds. */
export type FailureComparison = DataOf<typeof failures>;
/** Planned looks at the evidence, and those that were taken. */
export type Looks = DataOf<typeof looks>;
/** The sensitivity sweep of a spec, over one or two axes. */
export type SweepSummary = DataOf<typeof sweep>;
export type Answer = DataOf<typeof answer>;
export type Verdict = DataOf<typeof verdict>;
export type Symptom = typeof SYMPTOMS[number];
export type Diagnostic = DataOf<typeof diagnostic>;
export type Suggestion = Diagnostic["suggestions"][number];
