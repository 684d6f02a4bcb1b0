import { type Dropout, dropoutKey, dropoutThreshold, keptFactor } from "../dropout_mask.ts";

/** What a stage drops, as the kernels of `kernels/dropout.ts` know it. */
export interface Drops {
  readonly key: number;
  readonly rate: number;
}

/** @param seed of the dropout masks. */
export function dropsOf({ name, rate }: Dropout, seed: number): Drops {
  return { key: dropoutKey(seed, name), rate };
}

/** The arguments of a kernel: `key`, `mask`, `threshold` and `factor`; `dropoutMask` is that of a `Share`. */
export function dropArguments({ key, rate }: Drops, dropoutMask: number): number[] {
  return [key, dropoutMask, dropoutThreshold(rate), keptFactor(rate)];
}
