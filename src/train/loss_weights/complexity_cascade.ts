import type { RunShape } from "#lib/duration.ts";
import { type LossWeights, stagedWeights, stepOf, type Transition } from "./loss_weights.ts";

/** Keys of `adaptive_complexity_cascade` in a spec. */
export interface ComplexityCascade {
  /** Between two components' beginnings. */
  readonly stage_epochs: string;
  readonly transition: Transition;
}

/** Components come in one after another, in their order; those that are in have equal weights, whose sum is 1. */
export function complexityCascade(
  { stage_epochs, transition }: ComplexityCascade,
  components: number,
  shape: RunShape,
): LossWeights {
  const length = stepOf(stage_epochs, shape);
  const stages = Array.from({ length: components }, (_, stage) => ({
    from: stage * length,
    mix: Array.from({ length: components }, (_, place) => place <= stage ? 1 / (stage + 1) : 0),
  }));
  return stagedWeights(stages, transition, components * length);
}
