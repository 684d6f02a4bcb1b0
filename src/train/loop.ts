import type { CyclePosition } from "#schedules/schedule.ts";
import { type AveragePlan, isDue, shareOf } from "./averages.ts";
import { updateStatistics } from "./update_statistics.ts";
import { closeCycle } from "./cycle_end.ts";
import type { EndedEvent, StepEvent, TrainEvent } from "./events.ts";
import { finish } from "./finish.ts";
import { keepExtremes, keepMoment } from "./mask_examples/examples.ts";
import { type HessianPlan, measureHessian } from "./hessian.ts";
import type { AppliedUpdate, Controls, Learner, LearnerState } from "./learner.ts";
import type { TrainContext, TrainPlan } from "./plan.ts";
import type { Artifact, TrainerState, TrainingCheckpoint } from "./trainer_state.ts";
import { entryOf } from "./optimizer.ts";
import { createReadback } from "./readback.ts";
import { scoreOf } from "./score.ts";
import { divergence, evaluationFigures, stepEvent } from "./step_event.ts";
import { evaluateModel } from "./judge.ts";
import { JUDGED, modelWeights } from "./weights.ts";

/** Losses are asked for in groups of this many steps, and taken when they have come: see `readback.ts`. */
export const STEPS_PER_READ = 16;

/**
 * Trains until `totalSteps` steps are done and emits events, in order, and the artifacts to save. Ends
 * with exactly one `ended` event: `budget` after the last step, `diverged` where a loss was NaN, infinite or beyond
 * `DIVERGENCE_LOSS`, `stopped` where the context asked for it (a checkpoint comes before it). Leaving the loop
 * early stops the run; the learner stays its owner's to dispose.
 *
 * @param from a checkpoint of an earlier call with the very same plan: it emits what that one would have emitted.
 */
export async function* train(
  learner: Learner,
  plan: TrainPlan,
  context: TrainContext,
  from: TrainingCheckpoint | null = null,
): AsyncGenerator<TrainEvent | Artifact> {
  const { schedule, stepsPerEpoch, totalSteps, firstStep = 0, epochsBefore = 0, averages = [] } = plan;
  if (from) await learner.load(from.state);
  let queued = from?.step ?? firstStep;
  let asked = queued;
  let read = queued;
  const readback = createReadback(learner, context.now);
  let feedback = from ? from.feedback : schedule.feedback?.init();
  const weighting = plan.lossWeights?.feedback ?? null;
  let weightState = from ? from.trainer.loss_weights : weighting?.init();
  let busyMs = from?.trainer.busy_ms ?? 0;
  let last: AppliedUpdate | null = null;
  const averaged = new Map(Object.entries(from?.trainer.averaged ?? {}));
  const retained = new Map(from?.retained ?? []);

  // The end of the parent run; an own checkpoint has it already.
  if (plan.forensics && firstStep > 0 && !retained.has("start")) {
    retained.set("start", modelWeights(plan, await learner.save()));
  }

  const cycleAt = (step: number): CyclePosition | null =>
    schedule.feedback?.cycles?.(feedback, step) ?? schedule.cycles?.(step) ?? null;
  const epochOf = (step: number) => epochsBefore + (step - firstStep) / stepsPerEpoch;
  const trainer = (): TrainerState => ({
    averaged: Object.fromEntries(averaged),
    ...(weighting && { loss_weights: weightState }),
    busy_ms: busyMs,
  });
  const checkpoint = async (): Promise<TrainingCheckpoint> => ({
    step: queued,
    state: await learner.save(),
    feedback,
    trainer: trainer(),
    retained: new Map(retained),
  });
  const ended = (reason: EndedEvent["reason"], detail: string | null): EndedEvent => ({
    kind: "ended",
    step: read,
    reason,
    detail,
    ms_per_step: read > firstStep ? busyMs / (read - firstStep) : null,
  });

  const firstEpoch = Math.ceil(epochsBefore - 1e-9);
  for (
    let epoch = firstEpoch + Math.floor((queued - firstStep) / stepsPerEpoch);
    queued < totalSteps;
    epoch++
  ) {
    let position = firstStep + (epoch - firstEpoch) * stepsPerEpoch;
    for (const batch of plan.batches(epoch)) {
      if (queued >= totalSteps) break;
      // Steps of this epoch that were done before it was broken off.
      if (position++ < queued) continue;
      const stop = context.shouldStop();
      const due = stop || context.shouldSave?.(queued) === true;

      // 1. The start of a new cycle, after all events before it.
      const cycle = cycleAt(queued);
      if (!stop && cycle?.isRestart) {
        const end = yield* logged(true);
        if (end) return yield end;
        yield* closeCycle(learner, plan, { step: queued, cycle: cycle.cycle - 1, averaged, retained });
        if (plan.resetAtRestart) learner.resetOptimizer();
        yield { kind: "restart", step: queued, cycle: cycle.cycle };
      }

      // 2. Measurements before the step, and the step, with what the schedule says for it.
      let before: LearnerState | null = null;
      if (!stop) {
        const controls = controlsAt(queued);
        if (plan.hessian && isMeasured(plan.hessian, queued)) {
          const end = yield* logged(true);
          if (end) return yield end;
          const event = await measureHessian(learner, plan.hessian, { ...controls, step: queued });
          if (event) yield event;
        }
        if (isProbed(queued)) before = await learner.save();
        await timed(() => learner.update(batch, controls));
        for (const average of averages) take(average, queued, cycle);
        queued++;
      }

      // 3. Losses: all before something else happens, else those that have come.
      const evaluating = !stop && ((queued - firstStep) % plan.evalEvery === 0 || queued === totalSteps);
      const pause = stop || due || before !== null || evaluating;
      if (pause || queued - asked >= STEPS_PER_READ) {
        const end = yield* logged(pause);
        if (end) return yield end;
        if (before && plan.probe) {
          const measured = { step: read - 1, lr: last!.lr, gradientNorm: last!.gradientNorm! };
          yield updateStatistics(plan.probe, before, await learner.save(), measured);
        }
      }
      if (stop) {
        yield { kind: "save", name: "checkpoint", checkpoint: await checkpoint() };
        const done = `${read - firstStep} of ${totalSteps - firstStep}`;
        yield ended("stopped", `Stopped on request after ${done} steps`);
        return;
      }

      // 4. Validation.
      if (evaluating) {
        const figures = evaluationFigures(await evaluateModel(learner, plan, "validation"));
        const { loss } = figures;
        yield { kind: "eval", step: queued, epoch: epochOf(queued), split: "validation", ...figures };
        const why = divergence(loss);
        if (why !== null) {
          yield ended("diverged", `The validation loss ${why} after ${queued - firstStep} steps`);
          return;
        }
        if (plan.maskExamples) yield* keepMoment(learner, plan, plan.maskExamples, queued);
        if (schedule.feedback) {
          // Of masks most pixels are background: their accuracy hardly moves.
          const metric = schedule.feedback.metric === "validation_accuracy" ? scoreOf(figures) : loss;
          feedback = schedule.feedback.observe(feedback, { step: queued, loss, metric });
        }
        if (weighting) weightState = weighting.observe(weightState, figures.segmentation?.dice ?? NaN);
      }
      // After the last step too: evaluating the models then can take longer than training them.
      if (due) yield { kind: "save", name: "checkpoint", checkpoint: await checkpoint() };
    }
  }

  // 5. Averages, snapshots and evaluations of the weights when training is over.
  const open = cycleAt(totalSteps - 1);
  if (open) yield* closeCycle(learner, plan, { step: queued, cycle: open.cycle, averaged, retained });
  // A run that starts from here retains weights of its own; with another optimizer it starts from the judged ones.
  if (plan.saveEnd) {
    const end = await checkpoint();
    const judged = plan.judged?.(end.state);
    const kept = judged ? [[JUDGED, judged] as const] : [];
    yield { kind: "save", name: "end", checkpoint: { ...end, retained: new Map(kept) } };
  }
  if (plan.maskExamples) yield* keepExtremes(learner, plan, plan.maskExamples);
  yield* finish(learner, plan, { step: queued, epoch: epochOf(queued), averaged, retained });
  yield ended("budget", null);

  /** The steps whose losses have come, with `all` each that was queued; what ends the run, where one diverged. */
  async function* logged(all: boolean): AsyncGenerator<StepEvent, EndedEvent | null> {
    // Asking submits what is queued, and a device that is behind makes that wait.
    if (asked < queued) await timed(() => readback.ask());
    asked = queued;
    while (true) {
      const applied = await timed(() => readback.next(all));
      if (applied === null) return null;
      for (const step of applied) {
        yield stepEvent(read++, step, plan);
        const why = divergence(step.loss, plan.divergenceLoss);
        if (why !== null) return ended("diverged", `The training loss ${why} at step ${read - 1}`);
      }
      last = applied.at(-1) ?? last;
    }
  }

  async function timed<T>(work: () => T | Promise<T>): Promise<T> {
    const started = context.now();
    const result = await work();
    busyMs += context.now() - started;
    return result;
  }

  function controlsAt(step: number): Controls {
    const lr = schedule.feedback ? schedule.feedback.at(feedback, step) : schedule.lr(step);
    const momentum = schedule.momentum?.(step) ?? plan.momentum;
    return {
      lr,
      momentum,
      step,
      ...(plan.groups && { groups: plan.groups(step, lr) }),
      ...(plan.lossWeights && { lossWeights: plan.lossWeights.at(step, weightState) }),
    };
  }

  /** Where the run's first step leaves averages to divide by, it is measured behind that one too. */
  function isMeasured({ steps, every, optimizer }: HessianPlan, step: number): boolean {
    const done = step - firstStep;
    if (done >= steps) return false;
    return done % every === 0 || (done === 1 && entryOf(optimizer).stability?.divisor !== undefined);
  }

  function isProbed(step: number): boolean {
    const done = step - firstStep;
    return plan.probe !== undefined && done < plan.probe.steps && done % plan.probe.every === 0;
  }

  function take(average: AveragePlan, step: number, cycle: CyclePosition | null): void {
    if (!isDue(average, step, cycle)) return;
    const taken = averaged.get(average.name) ?? 0;
    learner.average(average.name, shareOf(average, taken));
    averaged.set(average.name, taken + 1);
  }
}
