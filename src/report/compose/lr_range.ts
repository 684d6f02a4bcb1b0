import type { RangeTestResult, RateSuggestion } from "#results/lr_range_test.ts";
import { RULE_NAMES } from "#stats/rate_suggestions.ts";
import type { Notice, Report, Section } from "../model.ts";
import type { ColumnHead, Table } from "../table.ts";
import { compact, counted, fixed, interval, MISSING, signed } from "../format/numbers.ts";
import { checkSection } from "../sections/lr_range_test/checks.ts";
import { curveSection, RAW, SMOOTHED } from "../sections/lr_range_test/curve.ts";
import { batchText, lossText, optimizerText, provenanceFacts } from "../sections/setup/setup.ts";
import { capitalized } from "../format/text.ts";

const HOW_EACH_WORKS =
  "Valley: about half of the way down the longest fall. Steepest descent: where the loss falls fastest against the " +
  "logarithm of the rate. Minimum / 10: a tenth of the rate with the lowest loss. Slide: the last rate before the " +
  "slope turns towards the explosion. All four are those of fastai's lr_find, read off each seed's smoothed loss; the " +
  "rate is the geometric mean over seeds, and its interval the 95 % bootstrap interval of that mean on log rates.";

/** A range test as a report: what it suggests, whether short runs bear it out, the curve, how it was made. */
export function composeRangeTest(result: RangeTestResult): Report {
  return {
    eyebrow: `LR Lab · range test · ${result.name} · ${result.dataset.name} · ${
      result.provenance.at.slice(0, 10)
    }`,
    title: titleOf(result),
    summary: summaryOf(result),
    notices: notices(result),
    series: [SMOOTHED, RAW],
    sections: [
      ...answerSection(result),
      {
        id: "suggestions",
        title: "Suggestions",
        brief: true,
        blocks: [suggestionsTable(result.suggestions)],
      },
      curveSection(result),
      ...checkSection(result),
      setupSection(result),
    ],
  };
}

function titleOf({ chosen, suggestions, recommended }: RangeTestResult): string {
  if (chosen === null) return "The range test suggests no rate";
  const rule = RULE_NAMES[chosen.rule];
  const lr = compact(chosen.lr);
  if (recommended === null) return `The rate ${lr} that the range test suggests (${rule}) diverges`;
  if (recommended !== chosen.lr) {
    return `Try a learning rate of ${
      compact(recommended)
    }: short runs prefer it to the ${lr} of the range test (${rule})`;
  }
  const bounds = suggestions.find((one) => one.rule === chosen.rule)!.interval;
  return `Try a learning rate of ${lr} (${rule}${
    bounds ? `, between ${compact(bounds[0])} and ${compact(bounds[1])}` : ""
  })`;
}

function summaryOf({ ramp, runs, chosen, suggestions }: RangeTestResult): string {
  const what = `The rate rose from ${compact(ramp.from)} to ${compact(ramp.to)} in ${
    counted(ramp.steps, "update")
  }, with ${
    counted(runs.length, "seed")
  }, and stopped where the smoothed loss was beyond four times its lowest.`;
  if (chosen !== null) return what;
  const why = [...new Set(suggestions.map(({ reason }) => reason))].join("; ");
  return `${what} Nothing is suggested: ${why}.`;
}

function notices({ complete, runs }: RangeTestResult): Notice[] {
  const partial: Notice[] = complete ? [] : [{
    kind: "partial",
    text: `It was stopped before its end; what follows is from what was measured. ${
      counted(runs.filter(({ reason }) => reason !== "stopped").length, "ramp")
    } came to an end.`,
  }];
  const whole = runs.filter((run) => run.reason === "budget" && !roseAgain(run.smoothed));
  if (whole.length === 0) return partial;
  return [...partial, {
    kind: "warning",
    text: `With ${counted(whole.length, "seed")} the loss had not diverged where the ramp ended` +
      (whole.length < runs.length ? "." : "; a higher --to shows where it does."),
  }];
}

/** A loss this far above its lowest has turned: rates beyond would only show it at that of guessing. */
const RISEN = 1.3;

function roseAgain(smoothed: readonly (number | null)[]): boolean {
  const losses = smoothed.flatMap((loss) => loss ?? []);
  return losses.length > 0 && losses.at(-1)! > RISEN * Math.min(...losses);
}

function answerSection({ chosen, validation }: RangeTestResult): Section[] {
  if (chosen === null || validation === null) return [];
  const { verdict, text, steps } = validation;
  const finding = verdict.kind === "inconclusive"
    ? `It would take ${verdict.missing}`
    : `${signed(verdict.effect, 1)} points ${interval(verdict.interval, 1)}, ${
      counted(verdict.runs, "pair")
    }`;
  return [{
    id: "answers",
    title: "Does it hold?",
    brief: true,
    blocks: [{
      kind: "answers",
      answers: [{
        question: `Is ${compact(chosen.lr)} the best of the rates tried, in runs of ${
          counted(steps, "update")
        }?`,
        hypothesis: "A third of it and three times it both reach less validation accuracy.",
        verdict: verdict.kind,
        finding,
        text,
      }],
    }],
  }];
}

function suggestionsTable(suggestions: readonly RateSuggestion[]): Table {
  return {
    kind: "table",
    caption: "Rates that the curve suggests",
    columns: [left("rule"), right("rate"), right("95 % interval"), right("seeds"), left("why none")],
    keys: 1,
    rows: suggestions.map(({ rule, lr, interval: bounds, reason, seeds }) => ({
      series: null,
      cells: [
        capitalized(RULE_NAMES[rule]),
        lr === null ? MISSING : compact(lr),
        rateInterval(bounds),
        `${seeds.filter((seed) => seed.lr !== null).length} of ${seeds.length}`,
        reason ?? MISSING,
      ],
    })),
    note: HOW_EACH_WORKS,
  };
}

function setupSection(result: RangeTestResult): Section {
  const { dataset, ramp, smoothing } = result;
  return {
    id: "setup",
    title: "Setup",
    brief: false,
    blocks: [
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
              counted(ramp.steps, "update")
            }`,
          },
          { label: "Smoothing", value: `weight ${smoothing} of the past` },
          { label: "Seeds", value: result.runs.map(({ seed }) => seed).join(", ") },
          ...result.runs.map(({ seed, lr, reason, detail }) => ({
            label: `Seed ${seed}`,
            value: detail ?? (reason === "budget" ? `all ${counted(lr.length, "update")}` : reason),
          })),
        ],
      },
      { kind: "text", text: "The command that makes this again:" },
      { kind: "command", text: result.provenance.command },
      { kind: "facts", facts: provenanceFacts(result) },
    ],
  };
}

function rateInterval(bounds: readonly [number, number] | null): string {
  return bounds ? `[${compact(bounds[0])}, ${compact(bounds[1])}]` : MISSING;
}

const left = (label: string): ColumnHead => ({ label, align: "left" });
const right = (label: string): ColumnHead => ({ label, align: "right" });
