import type { LearnerState } from "#train/learner.ts";
import { entryOf, type OptimizerSpec } from "#train/optimizer.ts";
import { groupsOf } from "./groups.ts";
import type { Model } from "./model.ts";
import { parametersOf } from "./parameters.ts";
import { readScalars, scalarName, scalarSet } from "./scalars.ts";
import { slotName } from "./state.ts";

/**
 * The parameters that a model is judged by, from a learner's state: those of the entry's `judged`, with batch
 * norm's statistics as they are. `null` for an optimizer that is judged by what it trains.
 */
export function judgedBy(
  optimizer: OptimizerSpec,
  model: Model,
): ((state: LearnerState) => LearnerState) | null {
  const { judged, slots } = entryOf(optimizer);
  if (!judged) return null;
  const fixed = parametersOf(model).filter(({ trainable }) => !trainable);
  const trained = groupsOf(model, optimizer.groups);
  return (state) => {
    const sets = readScalars(optimizer, (scalar) => state[scalarName(scalar)]!.data);
    const moved = trained.map(({ parameter: { name, shape }, group }) => {
      const data = judged({
        weight: state[name]!.data,
        slots: Object.fromEntries(slots.map((slot) => [slot, state[slotName(name, slot)]!.data])),
        scalars: sets[scalarSet(optimizer, group)]!,
      });
      return [name, { shape, data }] as const;
    });
    return Object.fromEntries([...moved, ...fixed.map(({ name }) => [name, state[name]!] as const)]);
  };
}
