import { chiSquareQuantile } from "./distributions.ts";
import { familyConfidence } from "./family.ts";
import { MAX_SEEDS, seedsNeeded } from "./power.ts";

/** The number of paired seeds that a difference of a given size would take. */
export interface SeedPlan {
  /** The size, in the unit of the differences. */
  readonly effect: number;
  /** Seeds for 80 % power where the differences scatter as those measured; {@link MAX_SEEDS} stands for more. */
  readonly seeds: number;
  /** The same with the smallest and the largest spread that the measured one leaves possible. */
  readonly range: readonly [number, number];
}

export interface PlanOptions {
  /** Comparisons that are reported together; 1 if not given. */
  readonly family?: number;
  /** Of the interval of the spread; 0.8 if not given. */
  readonly confidence?: number;
}

/**
 * A plan for the next experiment: how many paired seeds give a chance of 80 % that the interval of a true difference
 * excludes zero. It asks for sizes chosen beforehand, never for the difference that was just measured: power at the
 * measured difference only says again how wide its interval is (Hoenig and Heisey, 2001).
 *
 * The spread is itself estimated from few seeds. Its interval sd·√(ν/χ²) with ν = n − 1 is carried through, so with
 * three seeds the range is wide, as it should be.
 *
 * @param spread sample standard deviation of the paired differences.
 * @param count pairs it was computed from, 2 or more.
 * @throws {RangeError} for a negative spread or a count below 2.
 *
 * @example Seeds for a difference of 1 or 2 points, from a spread of 1.2 points over three pairs
 * ```ts
 * import assert from "node:assert/strict";
 * import { planSeeds } from "#stats/planning.ts";
 *
 * const [one, two] = planSeeds([0.01, 0.02], 0.012, 3);
 * assert.deepEqual([one!.seeds, one!.range], [14, [8, 110]]);
 * assert.deepEqual([two!.seeds, two!.range], [6, [4, 29]]);
 * ```
 */
export function planSeeds(
  effects: readonly number[],
  spread: number,
  count: number,
  { family = 1, confidence = 0.8 }: PlanOptions = {},
): SeedPlan[] {
  const [low, high] = spreadInterval(spread, count, confidence);
  const needed = (effect: number, sd: number) =>
    Math.min(MAX_SEEDS, seedsNeeded(effect, sd, { confidence: familyConfidence(family) }));
  return effects.map((effect) => ({
    effect,
    seeds: needed(effect, spread),
    range: [needed(effect, low), needed(effect, high)],
  }));
}

/**
 * Interval of a normal population's standard deviation, from a sample's.
 *
 * @example Three values leave the spread wide open
 * ```ts
 * import assert from "node:assert/strict";
 * import { spreadInterval } from "#stats/planning.ts";
 *
 * const [low, high] = spreadInterval(0.012, 3, 0.8);
 * assert.deepEqual([low.toFixed(3), high.toFixed(3)], ["0.008", "0.037"]);
 * ```
 */
export function spreadInterval(spread: number, count: number, confidence: number): readonly [number, number] {
  if (!(spread >= 0 && spread < Infinity)) {
    throw new RangeError(`Cannot plan with a spread of ${spread}: it must be finite and >= 0`);
  }
  if (!(Number.isInteger(count) && count >= 2)) {
    throw new RangeError(`Cannot plan from ${count} differences: at least 2 are needed`);
  }
  const tail = (1 - confidence) / 2;
  const bound = (probability: number) =>
    spread * Math.sqrt((count - 1) / chiSquareQuantile(probability, count - 1));
  return [bound(1 - tail), bound(tail)];
}
