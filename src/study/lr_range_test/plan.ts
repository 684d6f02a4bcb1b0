import type { ScheduleSpec } from "#schedules/schedule.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { Ramp } from "#results/lr_range.ts";
import { type Rule, RULE_NAMES } from "#stats/rate_suggestions.ts";
import type { Spec } from "#spec/schema.ts";
import { PlanError } from "#spec/plan.ts";
import { hasMovingWeights, isPlain } from "#train/loss.ts";
import { stepsPerEpoch } from "#train/batches.ts";

/** The training set-up: everything of a run but its schedule, seed and length. */
export type RangeSetup = Pick<
  RunPlan,
  "dataset" | "model" | "optimizer" | "loss" | "batch_size" | "accumulate"
>;

/** A spec's own settings, not those of its arms. */
export function rangeSetup({ dataset, model, optimizer, loss, batch_size, accumulate }: Spec): RangeSetup {
  return {
    dataset,
    model,
    optimizer,
    ...(loss && !isPlain(loss) && { loss }),
    batch_size,
    ...(accumulate !== undefined && { accumulate }),
  };
}

/** Short runs judge suggestions with seeds that no suggestion was read from: these are so far from those. */
const CHECK_SEEDS = 50_000;

/** A rate that short runs try. */
export interface Candidate {
  readonly lr: number;
  /** Why: the rules that suggest it, or its ratio to the chosen suggestion. */
  readonly labels: readonly string[];
  /** Its ratio to the chosen suggestion, 1 for that itself. */
  readonly factor: number | null;
}

/** Names of the rates around which short runs try others. */
export const START_NAMES: Readonly<Record<Start, string>> = {
  ...RULE_NAMES,
  end: "a tenth of the ramps' last rate",
};
export type Start = Rule | "end";

/** The rules by their names, or the ratio to the chosen rate. */
export function whyTried({ labels }: Pick<Candidate, "labels">): string {
  return labels.map((label) => START_NAMES[label as Start] ?? label).join(", ");
}

/**
 * A ramp as a schedule of the catalogue.
 *
 * @throws {RangeError} unless 0 < from < to and there are at least 2 steps.
 */
export function rampSchedule({ from, to, steps, shape }: Ramp): ScheduleSpec {
  if (!(from > 0 && to > from && Number.isFinite(to))) {
    throw new RangeError(`Cannot ramp a rate from ${from} to ${to}: 0 < from < to is needed`);
  }
  if (!(Number.isInteger(steps) && steps >= 2)) {
    throw new RangeError(`Cannot ramp a rate in ${steps} steps: at least 2 are needed`);
  }
  return shape === "exponential"
    ? { name: "exponential", lr: from, gamma: (to / from) ** (1 / (steps - 1)), every: "1 step" }
    : { name: "linear", lr: from, end_lr: to, duration: `${steps - 1} steps` };
}

/**
 * The ramp with every seed. `smoothing` is the weight of the past in the smoothed loss, in [0, 1).
 *
 * @throws {PlanError} for a loss whose weights change: along the ramp it would change with them, not with the rate alone.
 */
export function planRamps(
  setup: RangeSetup,
  { ramp, smoothing }: { readonly ramp: Ramp; readonly smoothing: number },
  seeds: readonly number[],
  images: number,
): RunPlan[] {
  if (setup.loss && hasMovingWeights(setup.loss)) {
    throw new PlanError(
      `loss: cannot test a range of rates with ${setup.loss.name}: its weights change over the run, and the loss with ` +
        "them; expected a loss whose weights are numbers, such as one of its components or a sum of them",
    );
  }
  const schedule = rampSchedule(ramp);
  return seeds.map((seed) => ({
    ...shortRun(setup, { id: `ramp-${seed}`, arm: "ramp", seed, schedule }, ramp.steps, images),
    lr_range: { smoothing },
  }));
}

/**
 * Every rate, falling linearly to 0 within `steps` steps, with seeds of their own in place of those of the ramps. Held rates end
 * where the last batches happened to leave them: on a network of the lab that was set aside for such choices (`cnn-tiny`, SGD,
 * batch 32, 200 steps) accuracies scattered by 7 points over seeds, and by 1 where the rate fell.
 */
export function planChecks(
  setup: RangeSetup,
  rates: readonly number[],
  seeds: readonly number[],
  steps: number,
  images: number,
): RunPlan[] {
  return rates.flatMap((lr) =>
    seeds.map((given) => {
      const seed = (given + CHECK_SEEDS) % 2 ** 31;
      const schedule = { name: "linear", lr, end_lr: 0, duration: `${steps} steps` };
      return shortRun(setup, { id: `check-${lr}-${seed}`, arm: `rate ${lr}`, seed, schedule }, steps, images);
    })
  );
}

/** Evaluated once, at its end, on validation data; test data is not read. */
function shortRun(
  { dataset, model, optimizer, loss, batch_size, accumulate = 1 }: RangeSetup,
  own: Pick<RunPlan, "id" | "arm" | "seed" | "schedule">,
  steps: number,
  images: number,
): RunPlan {
  return {
    ...own,
    role: "arm",
    dataset,
    model,
    optimizer,
    ...(loss && { loss }),
    batch_size,
    ...(accumulate > 1 && { accumulate }),
    total_steps: steps,
    steps_per_epoch: stepsPerEpoch(images, batch_size * accumulate),
    eval_every: steps,
    read_test: false,
  };
}
