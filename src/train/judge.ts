import type { Evaluation, Learner } from "./learner.ts";
import type { TrainPlan } from "./plan.ts";

/**
 * An evaluation of the weights that the model is judged by. Where these are not the ones in training, batch norm's
 * statistics are estimated for them, and the learner holds the very state afterwards that it held before.
 */
export async function evaluateModel(
  learner: Learner,
  plan: Pick<TrainPlan, "judged" | "statistics">,
  split: "validation" | "test",
): Promise<Evaluation> {
  if (!plan.judged) return await learner.evaluate(split);
  const state = await learner.save();
  await learner.load(plan.judged(state));
  estimateStatistics(learner, plan);
  const seen = await learner.evaluate(split);
  await learner.load(state);
  return seen;
}

/** Batch norm's statistics as the mean over the plan's batches, for weights that were never trained with. */
export function estimateStatistics(learner: Learner, { statistics }: Pick<TrainPlan, "statistics">): void {
  let seen = 0;
  for (const batch of statistics?.() ?? []) learner.estimateStatistics(batch, seen / (++seen));
}
