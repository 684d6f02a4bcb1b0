import { componentsOf, type ComponentSpec, hasMovingWeights, type LossSpec } from "../loss.ts";
import { DIVERGENCE_LOSS } from "../step_event.ts";
import { crossEntropy } from "./cross_entropy.ts";
import { dice } from "./dice.ts";
import type { LossEntry } from "./entry.ts";
import { focal } from "./focal.ts";
import { hausdorff } from "./hausdorff.ts";

/** Every loss that can be a component of a weighted sum, in the order of messages and docs. */
export const LOSSES = [crossEntropy, focal, dice, hausdorff] as const;

/**
 * The largest loss that has not diverged: {@link DIVERGENCE_LOSS}, times the sum of a sum's weights where that is above 1.
 * There is none where a component is in pixels or a weight is a schedule; the weights of adaptive losses add up to 1.
 */
export function largestLoss(loss: LossSpec): number {
  const isBounded = componentsOf(loss).every((component) => lossEntry(component).unit !== "pixels");
  if (!isBounded || (loss.name === "sum" && hasMovingWeights(loss))) return Infinity;
  const weight = loss.name === "sum" ? componentsOf(loss).reduce((sum, { weight }) => sum + weight, 0) : 1;
  return DIVERGENCE_LOSS * Math.max(1, weight);
}

/** The entry of a loss. @throws {RangeError} for a name that is not in the catalogue. */
export function lossEntry({ name }: Pick<ComponentSpec, "name">): LossEntry {
  const entry = LOSSES.find((each) => each.name === name);
  if (entry) return entry as LossEntry;
  const known = LOSSES.map((each) => each.name).join(", ");
  throw new RangeError(`Unknown loss ${JSON.stringify(name)}; allowed: ${known}, sum`);
}
