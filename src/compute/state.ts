import { nearest } from "#lib/nearest.ts";
import type { HostTensor, LearnerState } from "#train/learner.ts";
import { entryOf } from "#train/optimizer.ts";
import type { LearnerOptions } from "./device.ts";
import { groupsOf } from "./groups.ts";
import { parametersOf } from "./parameters.ts";
import { scalarName, scalarNames, scalarSets } from "./scalars.ts";

/** Name of one of the optimizer's slots of a parameter, `conv1/kernel/momentum`, in a {@link LearnerState}. */
export function slotName(parameter: string, slot = "momentum"): string {
  return `${parameter}/${slot}`;
}

/** Name of a parameter's average in a {@link LearnerState}. */
export function averageName(average: string, parameter: string): string {
  return `average/${average}/${parameter}`;
}

/**
 * Steps that parameters have had since the optimizer was reset: `[1 + groups]`, those in no group first, then each
 * group's, which stand still while it is frozen. Adam's bias correction counts by them.
 */
export const STEPS = "optimizer/steps";

/**
 * A learner's whole state from what was saved: every variable in the order of the layers, then the slots of every
 * trainable one, the counts of steps, the optimizer's scalars, and the averages. What is absent of slots, counts and
 * scalars is zero, as before the first step, and an absent average is the weights themselves, so initial weights load too.
 *
 * @throws {RangeError} for a variable that is missing or that the learner does not have, or for a parameter group that
 * takes nothing.
 * @throws {TypeError} for a wrong shape or length.
 */
export function checkState(
  { model, optimizer, averages = [] }: Pick<LearnerOptions, "model" | "optimizer" | "averages">,
  state: LearnerState,
): Map<string, HostTensor> {
  const parameters = parametersOf(model);
  const trainable = groupsOf(model, optimizer.groups).map(({ parameter }) => parameter);
  const checked = new Map<string, HostTensor>();
  const take = (name: string, shape: readonly number[], absent: () => HostTensor) => {
    const tensor = state[name];
    checked.set(name, tensor ? checkShape(name, tensor, shape) : absent());
  };
  for (const { name, shape } of parameters) {
    take(name, shape, () => {
      throw new RangeError(`Cannot load ${model.name}: the state has no ${name}`);
    });
  }
  for (const slot of entryOf(optimizer).slots) {
    for (const { name, shape } of trainable) take(slotName(name, slot), shape, () => zeros(shape));
  }
  const counts = [1 + (optimizer.groups?.length ?? 0)];
  take(STEPS, counts, () => zeros(counts));
  const sets = [scalarSets(optimizer)];
  for (const scalar of scalarNames(optimizer)) take(scalarName(scalar), sets, () => zeros(sets));
  for (const average of averages) {
    for (const { name, shape } of trainable) {
      take(averageName(average, name), shape, () => checked.get(name)!);
    }
  }
  const unknown = Object.keys(state).find((name) => !checked.has(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, [...checked.keys()]);
    const hint = near === null ? "" : `; nearest is ${near}`;
    throw new RangeError(`Cannot load ${model.name}: it has no variable ${JSON.stringify(unknown)}${hint}`);
  }
  return checked;
}

function checkShape(name: string, tensor: HostTensor, shape: readonly number[]): HostTensor {
  const same = tensor.shape.length === shape.length &&
    tensor.shape.every((size, axis) => size === shape[axis]);
  if (!same || tensor.data.length !== elements(shape)) {
    throw new TypeError(
      `Cannot load ${name}: expected [${shape}], got [${tensor.shape}] with ${tensor.data.length} values`,
    );
  }
  return tensor;
}

function zeros(shape: readonly number[]): HostTensor {
  return { shape, data: new Float32Array(elements(shape)) };
}

/** Values in a tensor. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
