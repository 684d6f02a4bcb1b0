import { printable } from "#lib/printable.ts";
import { printSchedule, printValue } from "#schedules/print.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { linearDecay, peakOf } from "#theory/convex_bound.ts";
import { knotsOf, pieces } from "#theory/knots.ts";
import { bestPeak, refinedRates } from "#theory/refine.ts";
import { entryOf } from "#train/optimizer.ts";
import { rounded } from "#lib/numbers.ts";
import { UsageError } from "../../errors.ts";
import type { NormedRun } from "./read_norms.ts";

/** A refined schedule, and what the bound with the recorded norms says of it. */
export interface Refined {
  readonly schedule: ScheduleSpec;
  /** The peak rate of linear decay that it is set against. */
  readonly linearLr: number;
  /** The best peak rate and the bound, as multiples of linear decay's with the same norms. */
  readonly rate: number;
  readonly bound: number;
  /** The bound of the rates as recorded, likewise; `null` where they are unknown. */
  readonly recordedBound: number | null;
  readonly power: 1 | 2;
  /** Relative rates, from which the knots are taken. */
  readonly rates: Float64Array;
  readonly knots: number;
}

export interface RefineChoices {
  readonly lr?: number | undefined;
  readonly smoothing: number;
  readonly norm?: "1" | "2" | undefined;
}

/** A rate for a run of which nothing says one. */
const ANY_LR = 0.1;

/** @throws {UsageError} where the norms make no schedule. */
export function refineRun(run: NormedRun, { lr, smoothing, norm }: RefineChoices): Refined {
  const power = norm === undefined ? powerFor(run) : norm === "1" ? 1 : 2;
  let rates: Float64Array;
  try {
    rates = refinedRates(run.norms, { smoothing, power });
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`${run.label}: ${error.message}`) : error;
  }
  const linear = bestPeak(linearDecay(run.norms.length), run.norms)!;
  const best = bestPeak(rates, run.norms)!;
  const recorded = run.rates === null ? null : bestPeak(run.rates, run.norms);
  // A recorded peak is taken for the best one of its schedule.
  const linearLr = lr ??
    (recorded === null ? ANY_LR : peakOf(run.rates!) * linear.peak / recorded.peak);
  const rate = best.peak / linear.peak;
  const knots = knotsOf(rates);
  return {
    schedule: pieces(knots, rounded(linearLr * rate)),
    linearLr: rounded(linearLr),
    rate,
    bound: best.bound / linear.bound,
    recordedBound: recorded === null ? null : recorded.bound / linear.bound,
    power,
    rates,
    knots: knots.length,
  };
}

/** The paper's: 2 for SGD, 1 for Adam, whose steps are divided by the gradient's size. */
function powerFor({ plan }: NormedRun): 1 | 2 {
  return plan === null || entryOf(plan.optimizer).followsGradient ? 2 : 1;
}

export function refinedJson({ label, length, unit }: NormedRun, refined: Refined): string {
  const { schedule, linearLr, rate, bound, recordedBound, power, rates } = refined;
  return JSON.stringify({
    source: label,
    [unit]: length,
    norm_power: power,
    schedule,
    linear_lr: linearLr,
    best_rate_to_linear: rate,
    bound_to_linear: bound,
    recorded_bound_to_linear: recordedBound,
    rates: [...rates],
  }) + "\n";
}

/** A spec that trains the refined schedule against linear decay, as the run was trained where that is known. */
export function refinedYaml(run: NormedRun, refined: Refined): string {
  const { linearLr, schedule } = refined;
  const linear = { name: "linear", lr: linearLr, duration: "100%" };
  return [
    ...comments(run, refined).map((line) => `# ${line}`),
    "name: refined schedule against linear decay",
    ...settings(run),
    "gradient_norms: true",
    "arms:",
    "  - name: linear decay",
    `    schedule: ${printSchedule(linear)}`,
    "  - name: refined",
    `    schedule: ${printSchedule(schedule)}`,
  ].join("\n") + "\n";
}

function comments(run: NormedRun, { power, rate, bound, recordedBound, rates, knots }: Refined): string[] {
  const fixed = (value: number) => value.toFixed(3);
  const peak = rates.indexOf(1) / rates.length;
  return [
    `Refined from the gradient norms of ${
      printable(run.label)
    }: ${run.length} ${run.unit}, ${knots} knots, weights 1/norm^${power}`,
    "(Defazio et al., 2023, arXiv:2310.07831, algorithm 1).",
    `With these norms, against linear decay: bound ${fixed(bound)}, best peak rate ${fixed(rate)}.` +
    (recordedBound === null ? "" : ` The recorded schedule: bound ${fixed(recordedBound)}.`),
    "Norms change with the schedule, so this is a next step, not an end; train it, and refine again.",
    ...(run.rates === null
      ? ["The rates are no more than a start: nothing recorded said one. Tune them."]
      : []),
    ...(peak > 0.8
      ? [
        `The peak lies at ${
          Math.round(100 * peak)
        } % of the run, since the norms vanish there; the paper calls such a ` +
        "schedule degenerate.",
      ]
      : []),
    ...(power === 1 && run.plan !== null
      ? ["The paper takes the 1-norm of the gradient for Adam; the record has the 2-norm."]
      : []),
  ];
}

/** Seeds in the spec; none that the norms come from. */
const SEEDS = 3;

function settings({ plan, dataPath, seeds, length, unit }: NormedRun): string[] {
  if (plan === null) {
    return [
      "dataset: { name: shapes, train: 8000, validation: 2000 }",
      "model: cnn-small",
      "optimizer: { name: sgd, momentum: 0.9 }",
      "batch_size: 64",
      `duration: ${length} ${unit}`,
      "seeds: [1, 2, 3]",
    ];
  }
  const { augment, ...data } = plan.dataset;
  const given = Object.entries({ ...data, path: dataPath, augment }).filter(([, value]) => value !== null);
  const first = Math.max(0, ...seeds) + 1;
  return [
    `dataset: ${printValue(Object.fromEntries(given))}`,
    `model: ${printValue(plan.model)}`,
    `optimizer: ${printValue(plan.optimizer)}`,
    ...(plan.loss === undefined ? [] : [`loss: ${printValue(plan.loss)}`]),
    `batch_size: ${plan.batch_size}`,
    ...(plan.accumulate === undefined ? [] : [`accumulate: ${plan.accumulate}`]),
    `duration: ${length} ${unit}`,
    `eval_every: ${plan.eval_every} steps`,
    `seeds: [${Array.from({ length: SEEDS }, (_, index) => first + index).join(", ")}]`,
  ];
}
