import type { Controls } from "#train/learner.ts";
import { entryOf, type OptimizerSpec } from "#train/optimizer.ts";
import { ratesOf } from "../groups.ts";
import { advanceGroups, readScalars } from "../scalars.ts";
import { BATCH_NORM_DECAY } from "../layers/batch_norm.ts";
import { GROUP_VALUES, HEAD_VALUES, MOST_CONSTANTS } from "./kernels/optimizer.ts";

/** Values that the host writes for each step: the head, those in no group, each group. */
export function controlValues(optimizer: OptimizerSpec): number {
  return HEAD_VALUES + GROUP_VALUES * (1 + (optimizer.groups?.length ?? 0));
}

/**
 * The input of a step. `counts` are those of `compute/state.ts`, `[1 + groups]`, `groupScalars` the optimizer's of groups
 * by name; they are moved on, but for groups that are frozen.
 *
 * @throws {RangeError} for rates of another number of groups.
 */
export function packControls(
  optimizer: OptimizerSpec,
  controls: Controls,
  { counts, groupScalars }: {
    readonly counts: Float32Array;
    readonly groupScalars: Readonly<Record<string, Float32Array>>;
  },
  { images, place }: { readonly images: number; readonly place: number },
): Float32Array<ArrayBuffer> {
  const entry = entryOf(optimizer);
  const momentum = Math.fround(controls.momentum);
  const values = new Float32Array(controlValues(optimizer));
  const rates = ratesOf(controls, optimizer.groups?.length ?? 0);
  values.set([rates[0]!, momentum, place, images, ...keepShares(BATCH_NORM_DECAY)]);
  rates.forEach((rate, index) => counts[index]! += Number(rate !== null));
  const grouped = entry.scalars?.kind === "group";
  const before = grouped ? readScalars(optimizer, (name) => groupScalars[name]!) : [];
  const after = advanceGroups(optimizer, before, { rates, counts, momentum });
  for (const [name, sets] of Object.entries(groupScalars)) sets.set(after.map((scalars) => scalars[name]!));
  rates.forEach((rate, index) => {
    if (rate === null) return;
    const decay = optimizer.groups?.[index - 1]?.weight_decay ?? optimizer.weight_decay;
    const scalars = { before: before[index] ?? {}, after: after[index] ?? {} };
    const constants = entry.constants(optimizer, momentum, counts[index]!, scalars);
    if (constants.length > MOST_CONSTANTS) {
      throw new RangeError(
        `Optimizer ${entry.name} has ${constants.length} constants a step: WebGPU takes ${MOST_CONSTANTS}`,
      );
    }
    values.set([1, rate, decay, ...constants], HEAD_VALUES + GROUP_VALUES * index);
  });
  return values;
}

/** The head alone, for a pass that makes no step: its images, and how much of batch norm's statistics it keeps. */
export function packPass(
  { images, keep }: { readonly images: number; readonly keep: number },
): Float32Array<ArrayBuffer> {
  return Float32Array.of(0, 0, 0, images, ...keepShares(keep));
}

function keepShares(keep: number): [number, number] {
  return [keep, 1 - keep];
}
