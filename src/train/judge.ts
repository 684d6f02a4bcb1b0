import type { Evaluation, Learner } from "./learner.ts";
import type { TrainPlan } from "./plan.ts";

/** The part of a plan that decides about the weights that its model is judged by. */
export type Judged = Pick<TrainPlan, "judged" | "statistics">;

/**
 * Measurements on the weights that the model is judged by. Where these are not the ones in training, batch norm's
 * statistics are estimated for them, and the learner holds the very state afterwards that it held before.
 */
export async function onJudgedWeights<T>(learner: Learner, plan: Judged, work: () => Promise<T>): Promise<T> {
  if (!plan.judged) return await work();
  const state = await learner.save();
  await learner.load(plan.judged(state));
  estimateStatistics(learner, plan);
  const found = await work();
  await learner.load(state);
  return found;
}

/** An evaluation of the weights that the model is judged by. */
export function evaluateModel(
  learner: Learner,
  plan: Judged,
  split: "validation" | "test",
): Promise<Evaluation> {
  return onJudgedWeights(learner, plan, () => learner.evaluate(split));
}

/** Batch norm's statistics as the mean over the plan's batches, for weights that were never trained with. */
export function estimateStatistics(learner: Learner, { statistics }: Pick<TrainPlan, "statistics">): void {
  let seen = 0;
  for (const batch of statistics?.() ?? []) learner.estimateStatistics(batch, seen / (++seen));
}
