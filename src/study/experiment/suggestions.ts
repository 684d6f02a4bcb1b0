import { parseDuration, printDuration } from "#lib/duration.ts";
import { printSchedule } from "#schedules/print.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { lineageOf } from "#spec/lineage.ts";
import { loss as lossSchema } from "#spec/loss_schema.ts";
import type { Spec } from "#spec/schema.ts";
import { steps } from "#results/final.ts";
import { hasMasks } from "#results/score.ts";
import type { RunRecord } from "#results/run.ts";
import type { Symptom } from "#results/summary.ts";
import { isAdaptive } from "#train/loss.ts";

/** A change that may help, and the experiment that would show whether it does. */
export interface Suggestion {
  /** The change, in words. */
  readonly change: string;
  readonly schedule: ScheduleSpec;
  /** The loss, where that changes too, as a spec writes it. */
  readonly loss?: LossRequest;
  /** The arm as it was against the arm with the change, rates as they were tuned. */
  readonly spec: Spec;
}

/** A loss as a spec writes it: its name, and settings where they are not the usual ones. */
export type LossRequest = Readonly<Record<string, unknown>> & { readonly name: string };

type Changed = Pick<Suggestion, "change" | "schedule" | "loss">;

/**
 * Suggestions of the guide on the escape from local minima for a symptom. Its periods are epochs of runs of about a
 * hundred; here they are shares of the run, so that they fit one of any length.
 *
 * @param records runs of every arm: their plans have the schedules with the rates that tuning chose.
 */
export function suggestionsFor(
  symptom: Symptom,
  spec: Spec,
  arm: string,
  records: readonly RunRecord[],
): Suggestion[] {
  const own = records.find(({ plan }) => plan.arm === arm);
  if (!own) return [];
  const { schedule } = own.plan;
  const lr = startingRate(own, spec, records);
  const changes = CHANGES[symptom](schedule, lr);
  const ofLosses = hasMasks(own) ? lossChanges(symptom, own, lr) : [];
  return [...changes, ...ofLosses]
    .filter(({ schedule: other, loss }) => loss || printSchedule(other) !== printSchedule(schedule))
    .map((changed) => ({ ...changed, spec: against(spec, arm, changed, records) }));
}

const CHANGES: Record<Symptom, (schedule: ScheduleSpec, lr: number) => Changed[]> = {
  // The guide has no answer to a run that never started: a ramp, and rates that the first weights bear.
  "nothing learnt": (schedule) => [
    longerWarmup(schedule),
    { change: "a third of the rate", schedule: scaled(schedule, 0.333) },
    { change: "a tenth of the rate", schedule: scaled(schedule, 0.1) },
  ],
  plateau: (_, lr) => [
    {
      change: "aggressive restarts: every epoch from 4 times the rate",
      schedule: { name: "aggressive_restart", lr, multiplier: 4 },
    },
    { change: "warm restarts every 8 % of the run", schedule: warmRestarts(lr, "8%") },
    { change: "warm restarts from twice the rate", schedule: warmRestarts(2 * lr, "20%") },
  ],
  volatile: (schedule, lr) => [
    ...(schedule.name === "aggressive_restart"
      ? [{ change: "restarts from 2 times the rate", schedule: { ...schedule, multiplier: 2 } }]
      : []),
    { change: "plain warm restarts every 5 % of the run", schedule: warmRestarts(lr, "5%") },
    { change: "0.6 times the rate", schedule: scaled(schedule, 0.6) },
  ],
  "worse after a restart": (schedule, lr) => [
    longerWarmup(schedule),
    {
      change: "warm restarts whose cycles grow, by 1.5 from 20 % of the run on",
      schedule: { ...warmRestarts(lr, "20%"), T_mult: 1.5 },
    },
    { change: "fewer warm restarts, every 30 % of the run", schedule: warmRestarts(lr, "30%") },
  ],
};

const PROGRESSIVE: LossRequest = { name: "adaptive_progressive_hybrid" };

/** The guide's changes of the loss: its weights move over the run. An arm whose loss does so already keeps it. */
function lossChanges(symptom: Symptom, { plan }: RunRecord, lr: number): Changed[] {
  const { schedule, loss } = plan;
  if (loss && isAdaptive(loss)) {
    return "transition" in loss && loss.transition === "switch"
      ? [{
        change: "ramps between the losses in place of switches",
        schedule,
        loss: { ...loss, transition: "ramp" },
      }]
      : [];
  }
  switch (symptom) {
    case "nothing learnt":
      return [{
        change: "a loss that begins with cross-entropy",
        schedule,
        loss: { name: "adaptive_complexity_cascade" },
      }];
    case "plateau":
      return [
        { change: "a loss that goes from Dice over focal to Hausdorff", schedule, loss: PROGRESSIVE },
        {
          change: "a loss whose weights move when Dice stands still",
          schedule,
          loss: { name: "adaptive_dynamic_hybrid" },
        },
      ];
    case "volatile":
      return [{
        change: "a loss that goes from Dice to focal, in one ramp",
        schedule,
        loss: { name: "adaptive_structure_boundary" },
      }];
    case "worse after a restart":
      return [{
        change: "warm restarts every 30 % of the run, and a loss that goes from Dice over focal to Hausdorff",
        schedule: warmRestarts(lr, "30%"),
        loss: PROGRESSIVE,
      }];
  }
}

function warmRestarts(lr: number, period: string): ScheduleSpec {
  return { name: "sgdr", lr, T_0: period };
}

function scaled(schedule: ScheduleSpec, by: number): ScheduleSpec {
  return { name: "scale", by, of: schedule };
}

function longerWarmup(schedule: ScheduleSpec): Changed {
  if (schedule.name !== "warmup") {
    return {
      change: "a warmup over 15 % of the run",
      schedule: { name: "warmup", duration: "15%", skip_zero: true, then: schedule },
    };
  }
  const { value, unit } = parseDuration(schedule["duration"]);
  const longer = unit === "steps" ? Math.round(1.5 * value) : 1.5 * value;
  return {
    change: "a warmup half as long again",
    schedule: { ...schedule, duration: printDuration({ value: longer, unit }) },
  };
}

/** The arm, its parents, and the changed one, with the rates that were run. */
function against(
  spec: Spec,
  name: string,
  { change, schedule, loss }: Changed,
  records: readonly RunRecord[],
): Spec {
  const arm = spec.arms.find((one) => one.name === name)!;
  const kept = spec.arms.filter((one) => one === arm || lineageOf(spec.arms, arm).includes(one.name));
  const asRun = kept.map((one) => ({
    ...one,
    schedule: records.find(({ plan }) => plan.arm === one.name)?.plan.schedule ?? one.schedule,
  }));
  return {
    ...spec,
    name: `${spec.name}, ${name}: ${change}`.slice(0, 200),
    tune: null,
    sweep: null,
    baseline: name,
    arms: [...asRun, {
      ...arm,
      name: `${name}, changed`.slice(-120),
      schedule,
      ...(loss && { loss: lossSchema.parse(loss) }),
    }],
  };
}

/**
 * The rate that suggestions begin from: the arm's own, or where it started at a lower one than its parents had,
 * theirs. A run that is stuck because its rate fell too far is not helped by multiples of what it fell to.
 */
function startingRate(own: RunRecord, spec: Spec, records: readonly RunRecord[]): number {
  const arm = spec.arms.find(({ name }) => name === own.plan.arm);
  const before = arm ? lineageOf(spec.arms, arm) : [];
  const lineage = [own, ...records.filter(({ plan }) => before.includes(plan.arm))];
  return Math.max(...lineage.map((record) => {
    const { lr } = record.plan.schedule;
    return typeof lr === "number" ? lr : highestRate(record);
  }));
}

function highestRate(record: RunRecord): number {
  return steps(record).reduce((highest, { lr }) => Math.max(highest, lr), 0);
}
