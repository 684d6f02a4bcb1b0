import { z } from "zod";
import { type DataOf, resultFile } from "./file.ts";
import { comparisonVerdict, count, figure, interval, verdict } from "./parts.ts";
import { asVersion2 } from "./upgrade.ts";

const run = z.object({
  name: z.string(),
  path: z.string().describe("file or folder that it was read from"),
  seed: z.string().nullable().describe("seed, or what runs are paired by; null where it is not known"),
  seed_guessed: z.boolean().describe("true where it was guessed from the name"),
  last_step: figure,
  state: z.enum(["finished", "failed", "left out"]),
  value: figure.describe("in the metric's own unit; null unless finished"),
  why: z.string().exactOptional().describe("why it failed or is left out"),
});

const group = z.object({
  name: z.string(),
  runs: z.array(run),
  finished: count,
  failed: count,
  mean: figure,
  sd: figure.describe("sample standard deviation (n − 1) over runs; null below two"),
});

const comparison = z.object({
  group: z.string(),
  against: z.string(),
  pairing: z.enum(["paired", "unpaired"]),
  why_unpaired: z.string().exactOptional(),
  difference: figure.describe("group minus against, in the metric's own unit"),
  interval: interval.describe("so wide that all comparisons hold together with the confidence"),
  interval_uncorrected: interval.describe("of this comparison alone"),
  seeds: count.describe("pairs that went into it; of unpaired runs those of the smaller group"),
  spread: figure.describe(
    "standard deviation of the differences; of unpaired runs that of the difference of one run of each",
  ),
  differences: z.array(z.object({ seed: z.string(), value: z.number() }))
    .describe("of each pair, group minus against; empty where unpaired"),
  failures: z.object({
    failed: count,
    runs: count,
    against_failed: count,
    against_runs: count,
    difference: figure.describe("of the shares of runs that failed (0 … 1), group minus against"),
    interval,
    verdict: comparisonVerdict,
  }),
  decision: z.enum(["for", "against", "no difference that matters", "open"])
    .describe("for: the group is better than the one it is set against"),
  verdict: verdict.describe("on the hypothesis that the group is better; effect in unit"),
  plan: z.object({
    difference: z.number().describe("in the metric's own unit"),
    seeds: count.describe("seeds a group with which 8 of 10 experiments would show it"),
    range: z.tuple([count, count]).describe("for the ends of the 80 % interval of the spread"),
    more: count.describe("beyond those that there are"),
  }).nullable(),
});

/** The result of `judge` on runs that any tool logged. */
export const judgementFile = resultFile({
  name: "judgement.json",
  id: "judgement",
  schema: z.object({
    version: z.literal(2),
    kind: z.literal("judgement"),
    at: z.string().describe("ISO 8601"),
    metric: z.object({
      name: z.string().describe("as the logs have it"),
      figure: z.enum(["final", "best", "auc"]).describe(
        "last value; best value; area under the curve over its steps",
      ),
      better: z.enum(["higher", "lower"]),
      better_guessed: z.boolean().describe("true where it was guessed from the metric's name"),
      unit: z.string().describe("of a difference as verdicts show it; empty for none"),
      scale: z.number().describe("factor from a logged value to the unit"),
      resolution: z.number().describe("step to which values were rounded in the logs; 0 for none"),
    }),
    margin: figure.describe("a difference up to this, either way, does not matter, in the metric's own unit"),
    margin_guessed: z.boolean().describe("true for the usual margin of such a metric"),
    confidence: z.number(),
    baseline: z.string(),
    groups: z.array(group),
    comparisons: z.array(comparison).describe(
      "each group against the baseline; the last one decides the exit code",
    ),
    decision: z.enum(["for", "against", "no difference that matters", "open"]).describe(
      "of the last comparison",
    ),
    exit_code: z.int().describe("0 for, 1 against, 2 no difference that matters, 3 open"),
    notes: z.array(z.string()).describe("guesses, and what could not be used"),
  }).describe("groups of runs that any tool logged, set against one of them"),
  upgrade: asVersion2,
});

export type Judgement = DataOf<typeof judgementFile.schema>;
export type JudgedGroup = Judgement["groups"][number];
export type JudgedComparison = Judgement["comparisons"][number];
export type Decision = Judgement["decision"];
