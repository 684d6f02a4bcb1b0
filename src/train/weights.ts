import type { LearnerState } from "./learner.ts";
import type { Network, TrainPlan } from "./plan.ts";
import type { Weights } from "./trainer_state.ts";

/** The parameters of a model alone, without what the optimizer and averages keep. */
export function weightsOf({ all }: Network, state: LearnerState): Weights {
  return Object.fromEntries(all.map((name) => [name, state[name]!]));
}

/** Parameters with the trained ones replaced by their average; batch norm's statistics are those in training. */
export function averagedWeights(network: Network, state: LearnerState, average: string): Weights {
  const averaged = network.trainable.map((name) => [name, state[`average/${average}/${name}`]!] as const);
  return { ...weightsOf(network, state), ...Object.fromEntries(averaged) };
}

/** The name under which a run's end retains the weights that its model is judged by, where it trains others. */
export const JUDGED = "judged";

/** Parameters that the model is judged by: those in training, for all optimizers but a few. */
export function modelWeights(
  { network, judged }: Pick<TrainPlan, "network" | "judged">,
  state: LearnerState,
): Weights {
  return judged ? judged(state) : weightsOf(network, state);
}
