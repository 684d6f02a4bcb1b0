import { shortestFloat32 } from "#lib/float32.ts";
import { CheckpointError } from "./checkpoint.ts";
import type { EndedEvent, StepEvent } from "./events.ts";
import type { GroupRates } from "./groups.ts";
import type { Batch, Controls, Learner, LearnerState } from "./learner.ts";
import { STEPS_PER_READ } from "./loop.ts";
import type { TrainContext } from "./plan.ts";
import type { Artifact, TrainingCheckpoint } from "./trainer_state.ts";
import { createReadback } from "./readback.ts";

export interface RangeTestPlan {
  /** The rate of each step, in order: a ramp. */
  readonly rates: readonly number[];
  /** Held fixed over the ramp. */
  readonly momentum: number;
  /** Rates of the parameter groups under a rate; absent without groups. */
  readonly groups?: GroupRates;
  /** The batches of an epoch, in order; the ramp goes through as many epochs as it needs. */
  readonly batches: (epoch: number) => Iterable<Batch>;
  /** Weight β of the past in the smoothed loss that divergence is judged by, in [0, 1). */
  readonly smoothing: number;
}

/** The ramp ends where the smoothed loss is beyond this many times the lowest it has been, as in fastai's LRFinder. */
export const DIVERGED_BEYOND = 4;

/**
 * A learning-rate range test (Smith, 2017, arXiv:1506.01186, section 3.3): trains with one rate after the other and
 * reports the loss of each step's batch before the step. It may be done in the middle of training: afterwards,
 * however it ended, the learner holds the very state that it held before – weights, batch-norm statistics, the
 * optimizer's slots and counts, averages. Nothing else is random: batches come from the plan.
 *
 * Ends with one `ended` event: `budget` at the end of the ramp; `diverged` where a loss was not finite or the smoothed
 * loss (bias-corrected, as in `movingAverage`) rose beyond {@link DIVERGED_BEYOND} times its lowest value; `stopped` where the
 * context asked for it (a checkpoint comes before it) or the loop was left. Losses that the caller had not read before
 * are dropped.
 *
 * @param from where an earlier call of the very same ramp stood: it continues as if it had never stopped.
 * @throws {RangeError} for a ramp without rates, batches without images, or a smoothing outside [0, 1).
 */
export async function* rangeTest(
  learner: Learner,
  plan: RangeTestPlan,
  context: TrainContext,
  from: TrainingCheckpoint | null = null,
): AsyncGenerator<StepEvent | EndedEvent | Artifact> {
  if (plan.rates.length === 0) throw new RangeError("Cannot test a range without rates");
  await learner.losses();
  const before = await learner.save();
  try {
    yield* ramp(learner, plan, context, from);
  } finally {
    await restore(learner, before);
  }
}

/** Steps may be queued still where the ramp was left early. */
async function restore(learner: Learner, state: LearnerState): Promise<void> {
  try {
    await learner.losses();
  } finally {
    await learner.load(state);
  }
}

async function* ramp(
  learner: Learner,
  plan: RangeTestPlan,
  context: TrainContext,
  from: TrainingCheckpoint | null,
): AsyncGenerator<StepEvent | EndedEvent | Artifact> {
  const { rates } = plan;
  const watch = divergenceWatch(plan.smoothing, from ? watchState(from.feedback) : NOTHING_SEEN);
  const batches = endless(plan.batches);
  if (from) await learner.load(from.state);
  let queued = from?.step ?? 0;
  let asked = queued;
  let read = queued;
  const readback = createReadback(learner, context.now);
  let busyMs = from?.trainer.busy_ms ?? 0;
  for (let step = 0; step < queued; step++) batches.next();
  const timed = async <T>(work: () => T | Promise<T>): Promise<T> => {
    const started = context.now();
    const result = await work();
    busyMs += context.now() - started;
    return result;
  };
  const ended = (reason: EndedEvent["reason"], detail: string | null): EndedEvent => ({
    kind: "ended",
    step: read,
    reason,
    detail,
    ms_per_step: read > 0 ? busyMs / queued : null,
  });

  const checkpoint = async (): Promise<TrainingCheckpoint> => ({
    step: queued,
    state: await learner.save(),
    feedback: watch.state(),
    trainer: { averaged: {}, busy_ms: busyMs },
    retained: new Map(),
  });

  while (queued < rates.length) {
    const stop = context.shouldStop();
    const due = stop || context.shouldSave?.(queued) === true;
    if (!stop) {
      const batch = batches.next().value;
      await timed(() => learner.update(batch, controls(plan, queued)));
      queued++;
    }
    const pause = due || queued === rates.length;
    if (pause || queued - asked >= STEPS_PER_READ) {
      await timed(() => readback.ask());
      asked = queued;
      for (let come; (come = await timed(() => readback.next(pause))) !== null;) {
        for (const { lr, momentum, loss } of come) {
          const rate = shortestFloat32(lr);
          const rounded = shortestFloat32(loss);
          yield { kind: "step", step: read++, lr: rate, momentum: shortestFloat32(momentum), loss: rounded };
          const why = watch.take(rounded);
          if (why !== null) return yield ended("diverged", `${why} at step ${read - 1}, rate ${rate}`);
        }
      }
    }
    if (due) yield { kind: "save", name: "checkpoint", checkpoint: await checkpoint() };
    if (stop) return yield ended("stopped", `Stopped on request after ${read} of ${rates.length} steps`);
  }
  yield ended("budget", null);
}

function controls({ rates, momentum, groups }: RangeTestPlan, step: number): Controls {
  const lr = rates[step]!;
  return { lr, momentum, step, ...(groups && { groups: groups(step, lr) }) };
}

/** The state of {@link divergenceWatch}, as plain data. */
interface WatchState {
  /** The moving average's sum and weight, as in `movingAverage`. */
  readonly sum: number;
  readonly weight: number;
  /** The lowest smoothed loss. */
  readonly lowest: number;
}

const NOTHING_SEEN: WatchState = { sum: 0, weight: 0, lowest: Infinity };

/** @throws {CheckpointError} for what no ramp has written. */
function watchState(feedback: unknown): WatchState {
  const { sum, weight, lowest } = (feedback ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof sum === "number" && typeof weight === "number" && typeof lowest === "number") {
    return { sum, weight, lowest };
  }
  throw new CheckpointError("The checkpoint is of no learning-rate range test: it has no smoothed loss");
}

interface DivergenceWatch {
  /** Takes the losses in order; a sentence where one shows that training has diverged. */
  take(loss: number): string | null;
  state(): WatchState;
}

/** @throws {RangeError} for a smoothing outside [0, 1). */
function divergenceWatch(smoothing: number, from: WatchState): DivergenceWatch {
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new RangeError(`Cannot average with a weight of ${smoothing} for the past: it must lie in [0, 1)`);
  }
  let { sum, weight, lowest } = from;
  return {
    take: (loss) => {
      if (Number.isNaN(loss)) return "The loss became NaN";
      if (!Number.isFinite(loss)) return "The loss became infinite";
      sum = smoothing * sum + (1 - smoothing) * loss;
      weight = smoothing * weight + (1 - smoothing);
      const smoothed = sum / weight;
      lowest = Math.min(lowest, smoothed);
      return smoothed > DIVERGED_BEYOND * lowest
        ? `The smoothed loss rose beyond ${DIVERGED_BEYOND} times its lowest value`
        : null;
    },
    state: () => ({ sum, weight, lowest }),
  };
}

function* endless(batches: RangeTestPlan["batches"]): Generator<Batch, never> {
  for (let epoch = 0;; epoch++) {
    let any = false;
    for (const batch of batches(epoch)) {
      any = true;
      yield batch;
    }
    if (!any) throw new RangeError(`Cannot test a range: epoch ${epoch} has no batches`);
  }
}
