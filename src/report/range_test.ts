import type { RangeTestResult, RateSuggestion } from "#lab/range_test/result.ts";
import { alignBySteps } from "#stats/curves.ts";
import type { Rule } from "#stats/rate_suggestions.ts";
import type { Column, Line, Notice, Report, Section, Table } from "./model.ts";
import { compact, counted, fixed, interval, MISSING, signed } from "./numbers.ts";
import { batchText, optimizerText, provenanceFacts } from "./setup.ts";
import { terminalChart } from "./terminal_chart.ts";
import { capitalized } from "./text.ts";

/** Rules as they are called in a report. */
export const RULE_NAMES: Readonly<Record<Rule, string>> = {
  valley: "valley",
  steepest: "steepest descent",
  minimum_tenth: "minimum / 10",
  slide: "slide",
};

const HOW_EACH_WORKS =
  "Valley: about half of the way down the longest fall. Steepest descent: where the loss falls fastest against the " +
  "logarithm of the rate. Minimum / 10: a tenth of the rate with the lowest loss. Slide: the last rate before the " +
  "slope turns towards the explosion. All four are those of fastai's lr_find, read off each seed's smoothed loss; the " +
  "rate is the geometric mean over seeds, and its interval the 95 % bootstrap interval of that mean on log rates.";

/** A range test as a report: what it suggests, whether short runs bear it out, the curve, how it was made. */
export function composeRangeTest(result: RangeTestResult): Report {
  return {
    kicker: `LR Lab · range test · ${result.name} · ${result.dataset.name} · ${result.made.at.slice(0, 10)}`,
    title: titleOf(result),
    lede: ledeOf(result),
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

/** The smoothed loss over the rate for a terminal: mean over seeds, and the lowest and highest seed. */
export function rangeTestChart(result: RangeTestResult, columns: number, color: boolean): string {
  const { smoothed } = curves(result);
  if (smoothed.y.length === 0) return "";
  const marks = result.suggestions.flatMap(({ rule, lr }) =>
    lr === null ? [] : `${RULE_NAMES[rule]} ${compact(lr)}`
  );
  const series = [
    ...(result.runs.length > 1
      ? [
        { label: "lowest seed", x: smoothed.x, y: smoothed.band!.low },
        { label: "highest seed", x: smoothed.x, y: smoothed.band!.high },
      ]
      : []),
    { label: result.runs.length > 1 ? "mean" : "smoothed loss", x: smoothed.x, y: smoothed.y },
  ];
  const chart = terminalChart(series, {
    width: Math.max(40, Math.min(columns, 100)),
    height: 18,
    xScale: result.ramp.shape === "exponential" ? "log" : "linear",
    yLabel: "smoothed training loss (nats)",
    xLabel: `learning rate${result.ramp.shape === "exponential" ? " (log scale)" : ""}`,
    color,
  });
  return marks.length === 0 ? chart : `${chart}\n${marks.join("; ")}`;
}

const SMOOTHED = "smoothed loss";
const RAW = "batch loss, mean over seeds";

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

function ledeOf({ ramp, runs, chosen, suggestions }: RangeTestResult): string {
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
  const whole = runs.filter(({ reason }) => reason === "budget");
  if (whole.length === 0) return partial;
  return [...partial, {
    kind: "warning",
    text: `With ${counted(whole.length, "seed")} the loss had not diverged where the ramp ended` +
      (whole.length < runs.length ? "." : "; a higher --to shows where it does."),
  }];
}

function answerSection({ chosen, validation }: RangeTestResult): Section[] {
  if (chosen === null || validation === null) return [];
  const { verdict, text, steps } = validation;
  const finding = verdict.kind === "inconclusive"
    ? `Missing: ${verdict.missing}`
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

function curveSection(result: RangeTestResult): Section {
  const { ramp, smoothing, suggestions } = result;
  const { smoothed, raw } = curves(result);
  const scale = ramp.shape === "exponential" ? "log" : "linear";
  const marks = suggestions.flatMap(({ rule, lr }) =>
    lr === null ? [] : [{ label: `${RULE_NAMES[rule]} ${compact(lr)}`, value: lr }]
  ).sort((a, b) => a.value - b.value);
  const lowest = Math.min(...smoothed.y);
  return {
    id: "curve",
    title: "Loss over the rate",
    brief: false,
    blocks: [{
      kind: "figure",
      id: "loss-over-rate",
      title: "Training loss while the rate rises",
      width: "full",
      caption:
        `Cross-entropy of each batch before its update. Smoothed: bias-corrected exponential average with weight ${smoothing} ` +
        `of the past, which lags by about ${
          counted(Math.round(smoothing / (1 - smoothing)), "update")
        }; line: mean over ` +
        "the seeds that had not diverged, band: from the lowest to the highest seed. Losses beyond four times the lowest " +
        "smoothed one are not drawn. Rules leave out the first tenth of " +
        "the ramp and each curve's last five updates.",
      alt:
        `Training loss over the learning rate from ${compact(ramp.from)} to ${
          compact(ramp.to)
        }; the smoothed loss ` +
        `is lowest, ${compact(lowest)} nats, at ${compact(smoothed.x[smoothed.y.indexOf(lowest)] ?? NaN)}. ` +
        (marks.length > 0
          ? `Suggested: ${marks.map(({ label }) => label).join("; ")}.`
          : "Nothing is suggested."),
      chart: {
        kind: "lines",
        x: {
          title: `learning rate${scale === "log" ? " (log scale)" : ""}`,
          scale,
          decimals: "significant",
        },
        y: { title: "training loss (nats)", scale: "linear", decimals: 3 },
        above: null,
        lines: [raw, smoothed],
        levels: [],
        marks,
      },
    }],
  };
}

/** The losses over the rates, which all seeds went through in the same order; nothing of the explosion itself. */
function curves({ runs }: RangeTestResult): { smoothed: Line; raw: Line } {
  const longest = runs.reduce<readonly number[]>((all, { lr }) => lr.length > all.length ? lr : all, []);
  const joined = (of: (run: typeof runs[number]) => readonly (number | null)[]) =>
    alignBySteps(runs.map((run) => {
      const top = ceiling(run.smoothed);
      return {
        steps: run.lr.map((_, step) => step),
        values: of(run).map((value) => value !== null && value <= top ? value : NaN),
      };
    }));
  const line = (series: number, label: string, band: ReturnType<typeof joined>): Line => ({
    series,
    label,
    x: band.steps.map((step) => longest[step]!),
    y: band.mean,
    band: { low: band.low, high: band.high },
    style: "curve",
    chosen: null,
  });
  return {
    smoothed: line(0, SMOOTHED, joined(({ smoothed }) => smoothed)),
    raw: { ...line(1, RAW, joined(({ loss }) => loss)), band: null },
  };
}

/** What a chart shows up to: four times the lowest smoothed loss, or what it fell from. */
function ceiling(smoothed: readonly (number | null)[]): number {
  const values = smoothed.map((value) => value ?? Infinity);
  const lowest = Math.min(...values);
  return Math.max(4 * lowest, ...values.slice(0, values.indexOf(lowest)));
}

function checkSection({ validation, chosen }: RangeTestResult): Section[] {
  if (validation === null || chosen === null) return [];
  const { candidates, steps, seeds } = validation;
  const told = candidates.filter(({ accuracy }) => accuracy !== null);
  const name = ({ lr, labels }: typeof candidates[number]) =>
    `${compact(lr)}: ${labels.map(labelText).join(", ")}`;
  return [{
    id: "validation",
    title: "Short runs",
    brief: true,
    blocks: [
      {
        kind: "text",
        text:
          `Each rate was held for ${counted(steps, "update")} with seeds that no suggestion was read from (${
            seeds.join(", ")
          }); runs of one seed share weights and batches. Few updates favour high rates: what holds here need not hold for ` +
          "a long run with a schedule.",
      },
      ...(told.length === 0 ? [] : [{
        kind: "figure" as const,
        id: "validation-accuracy",
        title: "Validation accuracy of short runs",
        width: "full" as const,
        caption: "Mean over seeds after the last update, and its 95 % bootstrap interval.",
        alt: `Validation accuracy: ${
          told.map((one) => `${name(one)}: ${fixed(100 * one.accuracy!, 1)} %`).join("; ")
        }.`,
        chart: {
          kind: "intervals" as const,
          x: { title: "validation accuracy (%)", scale: "linear" as const, decimals: 1 },
          reference: null,
          rows: told.map((one) => ({
            label: name(one),
            series: null,
            value: 100 * one.accuracy!,
            interval: one.interval && [100 * one.interval[0], 100 * one.interval[1]] as const,
          })),
        },
      }]),
      {
        kind: "table",
        caption: `Short runs of ${counted(steps, "update")}`,
        columns: [
          right("rate"),
          left("suggested by"),
          right("validation accuracy (%)"),
          right(`minus that of ${compact(chosen.lr)}`),
          left("verdict"),
          right("runs"),
        ],
        keys: 1,
        rows: candidates.map(({ lr, labels, accuracy, interval: bounds, difference, runs }) => ({
          series: null,
          cells: [
            compact(lr),
            labels.map(labelText).join(", "),
            accuracy === null
              ? MISSING
              : `${fixed(100 * accuracy, 1)} ${bounds ? interval(bounds, 1, 100) : ""}`.trim(),
            difference?.difference == null
              ? MISSING
              : `${signed(100 * difference.difference, 1)} ${interval(difference.interval, 1, 100)}`,
            difference?.verdict ?? "the chosen rate",
            `${runs.length}${
              runs.some(({ diverged }) => diverged)
                ? `, ${runs.filter(({ diverged }) => diverged).length} diverged`
                : ""
            }`,
          ],
        })),
        note:
          "Differences are paired over seeds, in points; their intervals are widened for the number of comparisons.",
      },
    ],
  }];
}

const labelText = (label: string) => RULE_NAMES[label as Rule] ?? label;

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
      { kind: "command", text: result.made.command },
      { kind: "facts", facts: provenanceFacts(result) },
    ],
  };
}

function rateInterval(bounds: readonly [number, number] | null): string {
  return bounds ? `[${compact(bounds[0])}, ${compact(bounds[1])}]` : MISSING;
}

const left = (label: string): Column => ({ label, align: "left" });
const right = (label: string): Column => ({ label, align: "right" });
