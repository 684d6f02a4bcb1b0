import type { SchedulePrediction, Variant } from "#theory/schedule_prediction.ts";
import { compact, fixed, MISSING } from "#lib/numbers.ts";
import type { Fact, Figure, Notice, Report } from "../model.ts";
import { left, right, type Table, tableOf } from "../table.ts";

/** A schedule with what theory says of it; `null` where no rate is above 0. */
export interface PredictedSchedule {
  readonly name: string;
  /** Steps in the run. */
  readonly steps: number;
  readonly theory: SchedulePrediction | null;
  /** The metric that its rates depend on; `null` for none. */
  readonly dependsOn: string | null;
}

/** The page and the terminal text of `schedule --predict`. */
export function composePrediction(schedules: readonly PredictedSchedule[]): Report {
  const lengths = [...new Set(schedules.map(({ steps }) => steps))];
  return {
    eyebrow: "convex theory, before any training",
    title: schedules.length === 1 ? schedules[0]!.name : `${schedules.length} schedules`,
    summary:
      `${lengths.map((steps) => `${compact(steps, 9)} steps`).join(", ")}. The bound of the last iterate, ` +
      "against linear decay over the same steps.",
    notices: schedules.flatMap(noticesOf),
    series: schedules.map(({ name }) => name),
    overview: [],
    sections: [
      {
        id: "bounds",
        title: "Bounds",
        brief: true,
        blocks: [boundsTable(schedules), curvesFigure(schedules)],
      },
      {
        id: "rates",
        title: "How the best peak rate moves",
        brief: true,
        blocks: [
          variantsTable(schedules, "Length of the run", ({ lengths }) => lengths, (value) => `× ${value}`),
          variantsTable(schedules, "Linear cooldown on top", ({ cooldowns }) => cooldowns, percent),
          variantsTable(schedules, "Floor, as a share of the peak", ({ floors }) => floors, percent),
        ],
      },
      { id: "meaning", title: "What this means", brief: true, blocks: [{ kind: "facts", facts: MEANING }] },
    ],
  };
}

const percent = (share: number) => `${compact(100 * share)} %`;

/** The meaning of the figures, and their limits. */
const MEANING: readonly Fact[] = [
  {
    label: "Bound",
    value:
      "the most that the loss can exceed its minimum at the last step, at the best peak rate, in units of D·G: the " +
      "distance to a minimiser at the start times the largest gradient norm. Both are unknown, so only ratios count.",
  },
  {
    label: "Best rate",
    value:
      "the peak rate at which the bound is smallest. A peak rate tuned for linear decay, times this ratio, is where " +
      "to begin tuning.",
  },
  {
    label: "Assumed",
    value:
      "a convex loss with bounded gradients; SGD without momentum, weight decay or adaptive steps; any data.",
  },
  {
    label: "Not seen",
    value:
      "curvature (so neither divergence nor the use of a warmup), overfitting, and the noise's size. A rate that drops " +
      "by orders of magnitude at once makes the bound jump, whatever the loss does.",
  },
  {
    label: "Source",
    value:
      "Defazio et al., 2023, arXiv:2310.07831, theorem 10; Schaipp et al., 2025, arXiv:2501.18965, theorem 1",
  },
];

function noticesOf({ name, theory, dependsOn }: PredictedSchedule): Notice[] {
  return [
    ...(dependsOn === null ? [] : [{
      kind: "warning" as const,
      text: `${name} changes with ${dependsOn}; the bound is that of its rates without any evaluation.`,
    }]),
    ...(theory === null
      ? [{ kind: "warning" as const, text: `${name} has no rate above 0: there is no bound.` }]
      : []),
  ];
}

function boundsTable(schedules: readonly PredictedSchedule[]): Table {
  return tableOf(schedules, {
    caption: "Bound and best peak rate, as multiples of linear decay's",
    columns: [
      left("schedule", ({ name }) => name),
      right("bound", ({ theory }) => fixed(theory?.prediction.boundRatio, 3)),
      right("best rate", ({ theory }) => fixed(theory?.prediction.rateRatio, 3)),
      right("bound (D·G)", ({ theory }) => theory === null ? MISSING : compact(theory.prediction.bound, 4)),
      right(
        "best rate (D/G)",
        ({ theory }) => theory === null ? MISSING : compact(theory.prediction.bestRate, 4),
      ),
    ],
    series: (_, index) => index,
  });
}

function variantsTable(
  schedules: readonly PredictedSchedule[],
  caption: string,
  of: (theory: SchedulePrediction) => readonly Variant[],
  label: (value: number) => string,
): Table {
  const values = [
    ...new Set(
      schedules.flatMap(({ theory }) => theory === null ? [] : of(theory).map(({ value }) => value)),
    ),
  ]
    .sort((a, b) => a - b);
  return tableOf(schedules, {
    caption: `${caption}: best peak rate and, in brackets, bound, as multiples of the schedule's own`,
    columns: [
      left("schedule", ({ name }) => name),
      ...values.map((value) =>
        right<PredictedSchedule>(label(value), ({ theory }) => {
          const found = theory === null ? undefined : of(theory).find((variant) => variant.value === value);
          return found === undefined ? MISSING : `${fixed(found.rate, 2)} (${fixed(found.bound, 2)})`;
        })
      ),
    ],
    series: (_, index) => index,
  });
}

function curvesFigure(schedules: readonly PredictedSchedule[]): Figure {
  const chart: Figure["chart"] = {
    kind: "lines",
    x: { title: "steps done", scale: "linear", decimals: 0 },
    y: { title: "bound (D·G)", scale: "log", decimals: "significant" },
    above: null,
    lines: schedules.flatMap(({ name, theory }, series) =>
      theory === null ? [] : [{
        series,
        label: name,
        x: theory.curve.steps,
        y: theory.curve.bounds,
        band: null,
        style: "curve" as const,
        chosen: null,
      }]
    ),
    levels: [],
  };
  return {
    kind: "figure",
    id: "bound",
    title: "Bound over the run",
    caption:
      "The bound of the iterate after so many steps, at the one peak rate that is best for the whole run.",
    width: "full",
    alt: `Bound of ${schedules.map(({ name }) => name).join(", ")} over the run`,
    chart,
    terminal: chart,
  };
}
