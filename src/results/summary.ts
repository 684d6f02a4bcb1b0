import { z } from "zod";
import { datasetSizes, device, provenance } from "./provenance.ts";
import { type DataOf, resultFile } from "./file.ts";
import { comparisonVerdict, count, figure, interval, looksEnded, schedule, verdict } from "./parts.ts";
import { arm, run } from "./arm_summary.ts";
import { cellsByValue, sweptCells } from "./swept_cells.ts";
import { budget, tuning } from "./tuning_summary.ts";
import { asVersion2, renamed } from "./upgrade.ts";

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
