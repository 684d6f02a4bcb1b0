import { durationToSteps, parseDuration, printDuration } from "#lib/duration.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { stepsPerEpoch } from "#train/batches.ts";
import { CROSS_ENTROPY, isPlain } from "#train/loss.ts";
import type { Arm } from "./lineage.ts";
import { lossProblem } from "./plan_loss.ts";
import { type AveragePlan, type RunPlan, scheduleHorizon, type StartPlan } from "./run_plan.ts";
import { runId } from "./run_id.ts";
import type { Spec } from "./schema.ts";

/** A run that a spec asks for cannot be planned; the message says where and why. */
export class PlanError extends RangeError {
  override name = "PlanError";
}

/** The place of a run in its plan: everything that is not in spec and arm. */
export interface Slot {
  readonly role: RunPlan["role"];
  /** The first part of the run's id, safe as a folder. */
  readonly stem: string;
  readonly schedule: ScheduleSpec;
  /** Of the run itself; a member's is its own. */
  readonly seed: number;
  readonly member?: RunPlan["member"];
  readonly start: Start | null;
  /** In place of the arm's length, in epochs or steps. */
  readonly duration?: string;
}

/** The parent of a run. */
export interface Start {
  readonly plan: StartPlan;
  /** Steps done until then. */
  readonly step: number;
  /** Epochs done until then; `null` for steps over the run's own epochs. */
  readonly epochs: number | null;
}

/** An arm's own settings, the spec's where it has none. */
export function settingsOf(spec: Spec, arm: Arm) {
  return {
    model: arm.model ?? spec.model,
    optimizer: arm.optimizer ?? spec.optimizer,
    loss: arm.loss ?? spec.loss ?? CROSS_ENTROPY,
    batch_size: arm.batch_size ?? spec.batch_size,
    accumulate: arm.accumulate ?? spec.accumulate ?? 1,
    averages: arm.averages ?? spec.averages ?? [],
    snapshots: arm.snapshots === undefined ? spec.snapshots ?? null : arm.snapshots,
    duration: lengthOf(spec, arm),
  };
}

/** An arm's own length, in epochs or steps: a percentage is of the spec's. */
function lengthOf(spec: Spec, { duration = spec.duration }: Arm): string {
  const own = parseDuration(duration);
  if (own.unit !== "percent") return duration;
  const { value, unit } = parseDuration(spec.duration);
  const share = value * own.value / 100;
  return printDuration({ unit, value: unit === "steps" ? Math.round(share) : share });
}

/** @throws {PlanError} where the run would have no step. */
export function planRun(spec: Spec, arm: Arm, trainImages: number, slot: Slot): RunPlan {
  const own = settingsOf(spec, arm);
  const perEpoch = stepsPerEpoch(trainImages, own.batch_size * own.accumulate);
  // By name: an arm of stages lies elsewhere in the spec than where it was written.
  const place = `Arm ${JSON.stringify(arm.name)}`;
  const first = slot.start?.step ?? 0;
  const total = lastStep(slot.duration ?? own.duration, perEpoch, slot.start, place);
  const shape = { totalSteps: total - first, stepsPerEpoch: perEpoch };
  const steps = (text: string) => durationToSteps(parseDuration(text), shape);
  // Selection looks at validation data alone, and at the end alone: what else costs time or reads test data is for arms.
  const whole = slot.role === "arm";
  const isReported = whole || slot.role === "budget";
  const lengths = {
    batch_size: own.batch_size,
    ...(own.accumulate > 1 && { accumulate: own.accumulate }),
    total_steps: total,
    ...(slot.start && { first_step: first, start: slot.start.plan }),
    ...horizonFor(arm.clock, slot.start, total),
    steps_per_epoch: perEpoch,
  };
  const dataset = datasetOf(spec);
  const wrong = lossProblem(own.loss, scheduleHorizon({ ...lengths, dataset }).shape);
  if (wrong !== null) throw new PlanError(`${place}: cannot train with the loss ${own.loss.name}: ${wrong}`);
  return {
    id: runId(slot.stem, slot),
    role: slot.role,
    arm: arm.name,
    seed: slot.seed,
    ...(slot.member && { member: slot.member }),
    dataset,
    model: own.model,
    optimizer: own.optimizer,
    ...(!isPlain(own.loss) && { loss: own.loss }),
    schedule: slot.schedule,
    ...lengths,
    eval_every: Math.max(1, steps(spec.eval_every)),
    read_test: isReported,
    ...(own.averages.length > 0 && slot.role !== "tune" && slot.role !== "budget" && {
      averages: own.averages.map((average, index) =>
        averagePlan(average, steps, { first, total, place: `${place}: averages[${index}]` })
      ),
    }),
    ...(whole && extras(spec, arm, steps, slot)),
    // Later experiments may start from any compared run.
    ...(whole && { keep_end: true }),
  };
}

/** The request for the data without their place: the record has their digest. */
function datasetOf({ dataset: { path: _path, ...dataset } }: Spec): RunPlan["dataset"] {
  return dataset;
}

/** The schedule's time of a run that continues its parent's schedule. */
function horizonFor(clock: Arm["clock"], start: Start | null, total: number): Pick<RunPlan, "clock"> {
  if (clock === undefined || clock === "append" || start?.plan.kind !== "run") return {};
  const { origin, shape } = scheduleHorizon(start.plan.plan);
  return { clock: { origin, total_steps: clock === "keep" ? shape.totalSteps : total - origin } };
}

/** Measurements and saved files beside the training itself. */
function extras(
  spec: Spec,
  arm: Arm,
  steps: (text: string) => number,
  { start, seed, member }: Slot,
): Partial<RunPlan> {
  const { snapshots, averages } = settingsOf(spec, arm);
  const predictions = spec.predictions ??
    (snapshots !== null || averages.length > 0 || arm.members !== undefined);
  const { hessian } = spec;
  const forensics = arm.forensics ?? spec.forensics;
  const isAmong = (seeds: number | null) => spec.seeds.slice(0, seeds ?? Infinity).includes(seed);
  const measured = hessian && !member && isAmong(hessian.seeds);
  // A member has a seed of its own, which is not among the spec's.
  const looksBack = typeof forensics === "object" ? !member && isAmong(forensics.seeds) : forensics;
  return {
    ...(snapshots && { snapshots }),
    ...(spec.probe && { probe: { steps: Math.max(1, steps(spec.probe.for)), every: spec.probe.every } }),
    ...(measured && {
      hessian: {
        steps: Math.max(1, steps(hessian.for)),
        every: Math.max(1, steps(hessian.every)),
        images: hessian.images,
        products: hessian.products,
      },
    }),
    ...(spec.gradient_norms && { gradient_norms: true }),
    ...(predictions && { predictions: true }),
    ...(looksBack && (snapshots || start !== null) && { forensics: true }),
  };
}

/** The step at which a run ends. Durations count from the beginning of the lineage. */
function lastStep(
  text: string,
  perEpoch: number,
  start: Start | null,
  place: string,
): number {
  const length = parseDuration(text);
  const first = start?.step ?? 0;
  const epochsBefore = start?.epochs ?? first / perEpoch;
  const shape = { totalSteps: 0, stepsPerEpoch: perEpoch };
  const total = length.unit === "epochs"
    ? first + durationToSteps({ ...length, value: length.value - epochsBefore }, shape)
    : durationToSteps(length, shape);
  if (total > first) return total;
  if (start === null) {
    throw new PlanError(`${place}: duration: cannot plan a run of ${text}: that is no step at all`);
  }
  throw new PlanError(
    `${place}: duration: ${text} end at step ${total}, but its parent run has done ${first}; durations count ` +
      "from the beginning of the lineage, so it must be longer",
  );
}

type Average = NonNullable<Spec["averages"]>[number];

function averagePlan(
  average: Average,
  steps: (text: string) => number,
  { first, total, place }: { first: number; total: number; place: string },
): AveragePlan {
  const every = Math.max(1, steps(average.every));
  if (average.kind === "cycle") {
    return { kind: "cycle", name: average.name, from: average.from, every };
  }
  const from = first + steps(average.from);
  if (from >= total) {
    throw new PlanError(`${place}: from ${average.from} is step ${from} of a run that ends at ${total}`);
  }
  return average.kind === "ema"
    ? { kind: "ema", name: average.name, decay: average.decay, from, every }
    : { kind: "swa", name: average.name, from, every };
}
