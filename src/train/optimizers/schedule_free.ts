import type { GroupScalars, OptimizerParams, Scalars } from "./entry.ts";

/**
 * The common part of both schedule-free optimizers. Gradients are taken at y, which is what the learner trains; the steps of z
 * are averaged to x, by which the model is judged:
 *
 *     z ← z − lr · u;  x ← (1 − c) x + c z;  y = (1 − β) z + β x
 *     c = nʳ · lr_maxᵖ / Σ nʳ · lr_maxᵖ
 *
 * with n the number of steps, this one included, lr_max the largest rate so far, r and p settings. Kept beside y is
 * `offset` = z − x, zero where averaging begins, so that x = y − (1 − β) · offset.
 */
export const AVERAGING_PARAMS = {
  r: {
    kind: "number",
    default: 0,
    range: { min: 0 },
    doc: "power of the step's number in its weight in the average",
  },
  weight_lr_power: {
    kind: "number",
    default: 2,
    range: { min: 0 },
    doc: "power of the largest rate so far in the weight of a step in the average",
  },
} as const satisfies OptimizerParams;

interface Averaging {
  readonly r: number;
  readonly weight_lr_power: number;
}

/** The largest rate, the sum of weights, and the β that y was made with. */
export const AVERAGING: GroupScalars<Averaging> = {
  kind: "group",
  names: ["lr_max", "weight_sum", "momentum"],
  advance(settings, before, { lr, momentum, count }) {
    const lr_max = Math.max(before.lr_max!, lr);
    const weight_sum = before.weight_sum! + weightOf(settings, lr_max, count);
    return { lr_max, weight_sum, momentum };
  },
};

/** The weight c of the new z in the average; 0 as long as every rate was 0. */
export function averagingShare(settings: Averaging, { lr_max, weight_sum }: Scalars, count: number): number {
  return weight_sum! > 0 ? weightOf(settings, lr_max!, count) / weight_sum! : 0;
}

function weightOf({ r, weight_lr_power }: Averaging, lrMax: number, count: number): number {
  return count ** r * lrMax ** weight_lr_power;
}

/** A step along `direction`: the new y and offset. */
export function averagedStep(
  { weight, offset, direction }: Readonly<Record<"weight" | "offset" | "direction", Float64Array>>,
  { lr, share, momentum, before }: {
    readonly lr: number;
    readonly share: number;
    readonly momentum: number;
    /** The β that `weight` was made with. */
    readonly before: number;
  },
): { readonly weight: Float64Array; readonly offset: Float64Array } {
  const moved = offset.map((value, index) => value - lr * direction[index]!);
  const after = moved.map((value) => (1 - share) * value);
  const next = weight.map((y, index) =>
    y - (1 - before) * offset[index]! + share * moved[index]! + (1 - momentum) * after[index]!
  );
  return { weight: next, offset: after };
}

/** x, by which the model is judged. */
export function averagedWeight(
  { weight, slots, scalars }: {
    readonly weight: Float32Array;
    readonly slots: Readonly<Record<string, Float32Array>>;
    readonly scalars: Scalars;
  },
): Float32Array {
  return weight.map((y, index) => y - (1 - scalars.momentum!) * slots.offset![index]!);
}
