import { averagedWeights, modelWeights } from "./weights.ts";
import type { TrainEvent } from "./events.ts";
import type { Learner } from "./learner.ts";
import type { TrainPlan } from "./plan.ts";
import type { Artifact, Weights } from "./trainer_state.ts";

interface CycleEnd {
  /** Steps done. */
  readonly step: number;
  readonly cycle: number;
  /** Times that each average has taken the weights; those of cycles go back to 0 here. */
  readonly averaged: Map<string, number>;
  /** Grows by the snapshot and the averages of the cycle. */
  readonly retained: Map<string, Weights>;
}

/** Retains the weights at the end of a cycle, and its averages, which begin anew. */
export async function* closeCycle(
  learner: Pick<Learner, "save">,
  plan: TrainPlan,
  { step, cycle, averaged, retained }: CycleEnd,
): AsyncGenerator<Artifact | TrainEvent> {
  const { averages = [], snapshots, network } = plan;
  const closing = averages.filter(({ kind, name }) => kind === "cycle" && (averaged.get(name) ?? 0) > 0);
  if (!snapshots && closing.length === 0) return;
  const state = await learner.save();
  for (const { name } of closing) {
    retained.set(`${name}/${cycle}`, averagedWeights(network, state, name));
    averaged.set(name, 0);
  }
  if (!snapshots) return;
  const name = `snapshots/cycle-${cycle}`;
  const weights = modelWeights(plan, state);
  retained.set(`snapshot/${cycle}`, weights);
  yield { kind: "save", name, tensors: weights };
  yield { kind: "snapshot", step, cycle, path: `${name}.safetensors` };
  yield* deleteOldest(retained, snapshots.limit);
}

function* deleteOldest(retained: Map<string, Weights>, limit: number): Generator<Artifact> {
  const cycles = [...retained.keys()].flatMap((name) =>
    name.startsWith("snapshot/") ? Number(name.slice("snapshot/".length)) : []
  ).sort((a, b) => b - a);
  for (const cycle of cycles.slice(limit)) {
    retained.delete(`snapshot/${cycle}`);
    yield { kind: "delete", name: `snapshots/cycle-${cycle}` };
  }
}
