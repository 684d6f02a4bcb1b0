import { shortestFloat32 } from "#lib/float32.ts";
import type { BuiltSchedule } from "#schedules/schedule.ts";
import type { EndedEvent, TrainEvent } from "./events.ts";
import type { AppliedUpdate, Batch, Learner } from "./learner.ts";

export interface TrainPlan {
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  readonly schedule: BuiltSchedule;
  /** The optimizer's own momentum, where the schedule does not move it. */
  readonly momentum: number;
  /** The batches of an epoch, in order. */
  readonly batches: (epoch: number) => Iterable<Batch>;
  /** Updates between evaluations on validation data; the last update is always followed by one. */
  readonly evalEvery: number;
  /** Whether the test split is read, once, after the last update. */
  readonly readTest: boolean;
}

export interface TrainContext {
  /** Milliseconds from any fixed moment. */
  readonly now: () => number;
  /** Asked before each update; true ends the run as `stopped`. */
  readonly shouldStop: () => boolean;
}

/** Losses are read back in groups of this many updates, so that a device is never waited for at each step. */
export const UPDATES_PER_READ = 16;

/** A mean loss (nats) beyond this ends a run as diverged: guessing among ten classes costs 2.3. */
export const DIVERGENCE_LOSS = 50;

/**
 * Trains for `totalSteps` updates and tells what happens, in order. Ends with exactly one `ended` event: `budget`
 * after the last update, `diverged` where a loss was NaN, infinite or beyond {@link DIVERGENCE_LOSS}, `stopped` where
 * the context asked for it. Leaving the loop early stops the run; the learner stays its owner's to dispose.
 */
export async function* train(
  learner: Learner,
  plan: TrainPlan,
  context: TrainContext,
): AsyncGenerator<TrainEvent> {
  const { schedule, stepsPerEpoch, totalSteps } = plan;
  let queued = 0;
  let read = 0;
  let busyMs = 0;
  let feedback = schedule.feedback?.init();

  const ended = (reason: EndedEvent["reason"], detail: string | null): EndedEvent => ({
    kind: "ended",
    step: read,
    reason,
    detail,
    ms_per_step: read > 0 ? busyMs / read : null,
  });

  for (let epoch = 0; queued < totalSteps; epoch++) {
    for (const batch of plan.batches(epoch)) {
      if (queued >= totalSteps) break;
      const stop = context.shouldStop();

      // 1. One update, with what the schedule says for it.
      if (!stop) {
        const cycle = schedule.feedback?.cycles?.(feedback, queued) ?? schedule.cycles?.(queued);
        if (cycle?.isRestart) yield { kind: "restart", step: queued, cycle: cycle.cycle };
        const lr = schedule.feedback ? schedule.feedback.at(feedback, queued) : schedule.lr(queued);
        const momentum = schedule.momentum?.(queued) ?? plan.momentum;
        const started = context.now();
        learner.update(batch, { lr, momentum });
        busyMs += context.now() - started;
        queued++;
      }

      // 2. Losses, now and then.
      const evaluating = !stop && (queued % plan.evalEvery === 0 || queued === totalSteps);
      if (stop || evaluating || queued - read >= UPDATES_PER_READ) {
        const started = context.now();
        const applied = await learner.losses();
        busyMs += context.now() - started;
        for (const update of applied) {
          yield stepEvent(read++, update);
          const why = divergence(update.loss);
          if (why !== null) {
            yield ended("diverged", `The training loss ${why} at update ${read - 1}`);
            return;
          }
        }
      }
      if (stop) {
        yield ended("stopped", `Stopped on request after ${read} of ${totalSteps} updates`);
        return;
      }

      // 3. Validation.
      if (evaluating) {
        const { loss, accuracy } = await learner.evaluate("validation");
        yield {
          kind: "eval",
          step: queued,
          epoch: queued / stepsPerEpoch,
          split: "validation",
          loss,
          accuracy,
        };
        const why = divergence(loss);
        if (why !== null) {
          yield ended("diverged", `The validation loss ${why} after ${queued} updates`);
          return;
        }
        if (schedule.feedback) {
          const metric = schedule.feedback.metric === "validation_accuracy" ? accuracy : loss;
          feedback = schedule.feedback.observe(feedback, { step: queued, loss, metric });
        }
      }
    }
  }

  // 4. Test data: read once, when nothing can be decided by it any more.
  if (plan.readTest) {
    const { loss, accuracy } = await learner.evaluate("test");
    yield { kind: "eval", step: queued, epoch: queued / stepsPerEpoch, split: "test", loss, accuracy };
  }
  yield ended("budget", null);
}

function stepEvent(step: number, { lr, momentum, loss }: AppliedUpdate): TrainEvent {
  return {
    kind: "step",
    step,
    lr: shortestFloat32(lr),
    momentum: shortestFloat32(momentum),
    loss: shortestFloat32(loss),
  };
}

function divergence(loss: number): string | null {
  if (Number.isNaN(loss)) return "became NaN";
  if (!Number.isFinite(loss)) return "became infinite";
  return loss > DIVERGENCE_LOSS ? `rose to ${loss.toPrecision(3)}, beyond ${DIVERGENCE_LOSS}` : null;
}
