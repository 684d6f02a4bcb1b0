import { nearest } from "#lib/nearest.ts";
import type { HostTensor, LearnerState } from "#train/learner.ts";
import type { Model } from "./model.ts";
import { parametersOf } from "./parameters.ts";

/** Name of a parameter's momentum buffer in a {@link LearnerState}. */
export function slotName(parameter: string): string {
  return `${parameter}/momentum`;
}

/**
 * A learner's whole state, in the order of the layers, from what was saved: every variable, then the momentum buffer
 * of every trainable one. Absent buffers are zeros, as before the first update, so initial weights load too.
 *
 * @throws {RangeError} for a variable that is missing or that the model does not have.
 * @throws {TypeError} for a wrong shape or length.
 */
export function checkState(model: Model, state: LearnerState): Map<string, HostTensor> {
  const parameters = parametersOf(model);
  const checked = new Map<string, HostTensor>();
  for (const { name, shape } of parameters) {
    const tensor = state[name];
    if (!tensor) throw new RangeError(`Cannot load ${model.name}: the state has no ${name}`);
    checked.set(name, checkShape(name, tensor, shape));
  }
  for (const { name, shape, trainable } of parameters) {
    if (!trainable) continue;
    const slot = slotName(name);
    checked.set(slot, state[slot] ? checkShape(slot, state[slot], shape) : zeros(shape));
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

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
