import { judgedBy } from "#compute/judged.ts";
import type { Model } from "#compute/model.ts";
import { parametersOf } from "#compute/parameters.ts";
import type { BuildContext } from "#schedules/entry.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { epochsBefore, type RunPlan, scheduleHorizon } from "#spec/run_plan.ts";
import { type BatchPlan, epochBatches } from "#train/batches.ts";
import { startingAt } from "#train/horizon.ts";
import type { TrainingData } from "#train/data.ts";
import { groupRates } from "#train/groups.ts";
import type { Batch } from "#train/learner.ts";
import type { RangeTestPlan } from "#train/lr_range.ts";
import { exampleSteps, type MaskExamplesPlan } from "#train/mask_examples/moments.ts";
import type { TrainPlan } from "#train/plan.ts";
import { momentumOf } from "#train/optimizer.ts";
import { CROSS_ENTROPY } from "#train/loss.ts";
import { lossWeights } from "#train/loss_weights/build.ts";
import { largestLoss } from "#train/losses/catalog.ts";

/** Training images that batch norm's statistics are estimated from, for weights that were never trained with. */
const STATISTICS_IMAGES = 1000;

/** A plan as the training loop takes it: schedules built, batches made. */
export function trainPlan(plan: RunPlan, model: Model, data: TrainingData, context: BuildContext): TrainPlan {
  const { optimizer, seed, probe, averages, snapshots, hessian, loss = CROSS_ENTROPY } = plan;
  const { origin, shape } = scheduleHorizon(plan);
  const judged = judgedBy(optimizer, model);
  const build = (schedule: ScheduleSpec) => startingAt(buildSchedule(schedule, shape, context), origin);
  const weights = lossWeights(loss, { shape, origin, seed, build });
  const parameters = parametersOf(model);
  const trainable = parameters.filter((parameter) => parameter.trainable).map(({ name }) => name);
  const batches: BatchPlan = {
    seed,
    count: data.train.count,
    batchSize: plan.batch_size * (plan.accumulate ?? 1),
    augment: plan.dataset.augment,
  };
  return {
    totalSteps: plan.total_steps,
    firstStep: plan.first_step ?? 0,
    stepsPerEpoch: plan.steps_per_epoch,
    epochsBefore: epochsBefore(plan),
    schedule: build(plan.schedule),
    momentum: momentumOf(optimizer),
    ...(optimizer.groups && { groups: groupRates(optimizer.groups, shape, origin, build) }),
    resetAtRestart: optimizer.reset_at_restart ?? false,
    batches: (epoch) => epochBatches(batches, epoch),
    evalEvery: plan.eval_every,
    readTest: plan.read_test,
    network: { trainable, all: parameters.map(({ name }) => name), classes: data.classes.length },
    ...(judged && { judged }),
    ...(averages && { averages }),
    ...(snapshots && { snapshots }),
    ...(probe && { probe: { ...probe, optimizer, trainable } }),
    ...(hessian && {
      hessian: {
        ...hessian,
        batch: fixedBatch({ ...batches, batchSize: hessian.images, augment: [] }),
        seed,
        optimizer,
        trainable,
      },
    }),
    gradientNorms: plan.gradient_norms ?? false,
    // Logits of every pixel are too many to keep: there are no ensembles of masks.
    predictions: plan.predictions === true && data.labelUnit !== "pixel",
    ...(data.labelUnit === "pixel" && plan.role === "arm" && { maskExamples: maskExamples(plan, data) }),
    ...(weights && { lossWeights: weights }),
    divergenceLoss: largestLoss(loss),
    ...(plan.forensics && { forensics: { seed } }),
    // A model without batch norm has no statistics to estimate.
    ...(parameters.length > trainable.length && {
      statistics: () => firstImages({ ...batches, batchSize: plan.batch_size }, STATISTICS_IMAGES),
    }),
    saveEnd: plan.keep_end ?? false,
  };
}

/** The masks that are kept for the report: of arms alone, which it shows. */
function maskExamples(
  { total_steps: totalSteps, first_step: firstStep = 0, eval_every: evalEvery }: RunPlan,
  data: TrainingData,
): MaskExamplesPlan {
  return { data, steps: exampleSteps({ firstStep, totalSteps, evalEvery }) };
}

/** A plan as a range test takes it: the rate of every step, written out. */
export function rangePlan(
  { schedule, totalSteps, momentum, groups, batches }: TrainPlan,
  smoothing: number,
): RangeTestPlan {
  const rates = Array.from({ length: totalSteps }, (_, step) => schedule.lr(step));
  return { rates, momentum, ...(groups && { groups }), batches, smoothing };
}

/** The first batch of the first epoch. */
function fixedBatch(plan: BatchPlan): Batch {
  const [batch] = epochBatches(plan, 0);
  return batch!;
}

/** The batches of the first epoch up to a number of images. */
function* firstImages(plan: BatchPlan, images: number): Generator<Batch> {
  let seen = 0;
  for (const batch of epochBatches(plan, 0)) {
    if (seen >= images) return;
    seen += batch.indices.length;
    yield batch;
  }
}
