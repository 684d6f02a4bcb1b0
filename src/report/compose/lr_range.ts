import type { RangeTestResult, RateSuggestion } from "#results/lr_range.ts";
import { scoreOfMetric } from "#results/score.ts";
import { RULE_NAMES } from "#stats/rate_suggestions.ts";
import { START_NAMES } from "#study/lr_range_test/plan.ts";
import type { Notice, Report, ReportAnswer, Section } from "../model.ts";
import { left, right, type Table, tableOf } from "../table.ts";
import { compact, counted, fixed, MISSING } from "#lib/numbers.ts";
import { answerOf } from "../sections/answers/answers.ts";
import { accuracyFigure } from "../sections/lr_range_test/accuracy.ts";
import { checkSection } from "../sections/lr_range_test/checks.ts";
import { headlineOf, spentText } from "../sections/lr_range_test/headline.ts";
import { curveFigure, RAW, SMOOTHED } from "../sections/lr_range_test/curve.ts";
import { verdictStrip } from "../sections/overview/strip.ts";
import { optimizerText } from "../sections/setup/optimizer_text.ts";
import { provenanceFacts, reproductionBlocks } from "../sections/setup/provenance.ts";
import { batchText } from "../sections/setup/setup_facts.ts";
import { lossText } from "../sections/setup/loss_text.ts";
import { capitalized } from "../format/text.ts";

const RULES_TEXT =
  "Read off the ramp of each seed, from robust lines through windows, below the loss of guessing. Valley: half-way down the " +
  "fall. Steepest descent: the fastest fall against the log of the rate. Minimum / 10: a tenth of the rate of the lowest loss. " +
  "Slide: the last rate before the loss is up again by a tenth of its fall. Geometric mean over seeds, bootstrap interval.";

/** A learning-rate range test as a report: verdict of the short runs, suggestions, curve, short runs, setup. */
export function composeRangeTest(result: RangeTestResult): Report {
  const answers = answersOf(result);
  return {
    eyebrow: `LR Lab · range test · ${result.name} · ${result.dataset.name} · ${
      result.provenance.at.slice(0, 10)
    }`,
    title: headlineOf(result),
    summary: "",
    notices: notices(result),
    series: [SMOOTHED, RAW],
    overview: [curveFigure(result), ...accuracyFigure(result), ...verdictStrip(answers, ANSWERS)],
    sections: [
      ...answerSection(answers),
      {
        id: "suggestions",
        title: "Suggestions",
        brief: true,
        blocks: [suggestionsTable(result.suggestions)],
      },
      ...checkSection(result),
      setupSection(result),
    ],
  };
}

/** Id of the section with the answer in full. */
const ANSWERS = "answers";

function rampText(result: RangeTestResult): string {
  const { ramp, runs } = result;
  return `The learning rate rose from ${compact(ramp.from)} to ${compact(ramp.to)} in ${
    counted(ramp.steps, "step")
  }, with ${counted(runs.length, "seed")}, until the smoothed loss exceeded four times its lowest value. ${
    spentText(result)
  }`;
}

function notices({ complete, runs }: RangeTestResult): Notice[] {
  const partial: Notice[] = complete ? [] : [{
    kind: "partial",
    text:
      "The range test was stopped before its end. This report is computed from the measurements so far, with " +
      `${counted(runs.filter(({ reason }) => reason !== "stopped").length, "complete ramp")}.`,
  }];
  const whole = runs.filter((run) => run.reason === "budget" && !roseAgain(run.smoothed));
  if (whole.length === 0) return partial;
  return [...partial, {
    kind: "warning",
    text: `With ${counted(whole.length, "seed")} the loss had not diverged at the end of the ramp` +
      (whole.length < runs.length ? "." : ". A higher --to shows where it does."),
  }];
}

/** A loss this many times its lowest value has turned upwards: higher rates would only bring it to that of guessing. */
const RISEN = 1.3;

function roseAgain(smoothed: readonly (number | null)[]): boolean {
  const losses = smoothed.flatMap((loss) => loss ?? []);
  return losses.length > 0 && losses.at(-1)! > RISEN * Math.min(...losses);
}

function answersOf({ chosen, validation }: RangeTestResult): ReportAnswer[] {
  if (chosen === null || validation === null) return [];
  const { verdict, text, steps } = validation;
  return [answerOf({
    question: `Is the rate of the ramps, ${compact(chosen.lr)} (${
      START_NAMES[chosen.rule]
    }), the best one in runs of ${counted(steps, "step")}?`,
    hypothesis: `Yes: no rate reaches a higher validation ${
      scoreOfMetric(validation.metric)
    }, and lower and higher ones reach less.`,
    verdict,
    text,
    unit: "points",
  })];
}

function answerSection(answers: readonly ReportAnswer[]): Section[] {
  if (answers.length === 0) return [];
  return [{ id: ANSWERS, title: "Answer", brief: true, blocks: [{ kind: "answers", answers }] }];
}

function suggestionsTable(suggestions: readonly RateSuggestion[]): Table {
  return tableOf(suggestions, {
    caption: "Suggested learning rates",
    columns: [
      left("rule", ({ rule }) => capitalized(RULE_NAMES[rule])),
      right("rate", ({ lr }) => lr === null ? MISSING : compact(lr)),
      right(
        "95 % interval",
        ({ interval: bounds }) => bounds ? `[${compact(bounds[0])}, ${compact(bounds[1])}]` : MISSING,
      ),
      right("seeds", ({ seeds }) => `${seeds.filter((seed) => seed.lr !== null).length} of ${seeds.length}`),
      left("reason for none", ({ reason }) => reason ?? MISSING),
    ],
    note: RULES_TEXT,
  });
}

function setupSection(result: RangeTestResult): Section {
  const { dataset, ramp, smoothing } = result;
  return {
    id: "setup",
    title: "Setup",
    brief: false,
    blocks: [
      { kind: "text", text: rampText(result) },
      {
        kind: "facts",
        facts: [
          {
            label: "Data",
            value: `${dataset.name}: ${fixed(dataset.train, 0)} training, ${
              fixed(dataset.validation, 0)
            } validation images`,
          },
          { label: "Model", value: result.model },
          { label: "Optimizer", value: optimizerText(result.optimizer) },
          { label: "Loss", value: lossText(result.loss) },
          { label: "Batch", value: batchText(result.batch_size, result.accumulate) },
          {
            label: "Ramp",
            value: `${ramp.shape}, ${compact(ramp.from)} to ${compact(ramp.to)} in ${
              counted(ramp.steps, "step")
            }`,
          },
          { label: "Smoothing", value: `exponential average, weight ${smoothing} of the past` },
          { label: "Seeds", value: result.runs.map(({ seed }) => seed).join(", ") },
          ...result.runs.map(({ seed, lr, reason, detail }) => ({
            label: `Seed ${seed}`,
            value: detail ?? (reason === "budget" ? `all ${counted(lr.length, "step")}` : reason),
          })),
        ],
      },
      ...reproductionBlocks(result.provenance.command, provenanceFacts(result)),
    ],
  };
}
