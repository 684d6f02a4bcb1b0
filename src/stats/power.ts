import { normalCdf, studentQuantile } from "./distributions.ts";

export interface PowerOptions {
  /** Of the interval; 0.95 if not given. */
  readonly confidence?: number;
  /** The chance that the interval then excludes zero; 0.8 if not given. */
  readonly power?: number;
}

/** More seeds than this are not worth counting. */
export const MAX_SEEDS = 10_000;

/**
 * The number of paired seeds that it takes until the interval of a true difference `effect` excludes zero (on its own side)
 * with the wanted power, where the differences scatter with standard deviation `sd`; between 2 and {@link MAX_SEEDS}.
 * Power of the paired t test, by the noncentral t distribution; `Infinity` for an effect of 0.
 *
 * @throws {RangeError} for values that are not finite, or a negative sd.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { seedsNeeded } from "#stats/power.ts";
 *
 * assert.equal(seedsNeeded(0.02, 0.012), 6);
 * assert.equal(seedsNeeded(0, 0.012), Infinity);
 * ```
 */
export function seedsNeeded(effect: number, sd: number, options: PowerOptions = {}): number {
  if (!Number.isFinite(effect) || !(sd >= 0 && sd < Infinity)) {
    throw new RangeError(
      `Cannot plan for an effect of ${effect} and a spread of ${sd}: both must be finite, sd >= 0`,
    );
  }
  const { power = 0.8, confidence = 0.95 } = options;
  if (effect === 0) return Infinity;
  if (sd === 0) return 2;
  const reaches = (seeds: number): boolean => pairedPower(effect, sd, seeds, confidence) >= power;
  if (!reaches(MAX_SEEDS)) return MAX_SEEDS;
  let [low, high] = [1, MAX_SEEDS];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (reaches(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * The chance that a paired t interval over n seeds lies wholly on the effect's side of zero.
 *
 * T = (Z + δ)/S with δ = √n·|effect|/sd and S = √(χ²ν/ν), ν = n − 1, so the power is ∫ Φ(δ − t·s) f(s) ds with
 * f(s) ∝ s^(ν−1)·exp(−ν·s²/2), integrated by Simpson's rule.
 *
 * @example One seed fewer than it takes
 * ```ts
 * import assert from "node:assert/strict";
 * import { pairedPower } from "#stats/power.ts";
 *
 * assert.equal(pairedPower(0.02, 0.012, 5).toFixed(2), "0.79");
 * ```
 */
export function pairedPower(effect: number, sd: number, seeds: number, confidence = 0.95): number {
  if (seeds < 2) return 0;
  const degrees = seeds - 1;
  const shift = (Math.sqrt(seeds) * Math.abs(effect)) / sd;
  const critical = studentQuantile((1 + confidence) / 2, degrees);
  // S has mean near 1 and standard deviation near 1/√(2ν): beyond ten of them nothing is left.
  const reach = 10 / Math.sqrt(2 * degrees);
  const from = Math.max(0, 1 - reach);
  const width = (1 + reach - from) / INTERVALS;
  let [weighted, total] = [0, 0];
  for (let i = 0; i <= INTERVALS; i++) {
    const s = from + i * width;
    const simpson = i === 0 || i === INTERVALS ? 1 : i % 2 === 1 ? 4 : 2;
    const density = s === 0
      ? (degrees === 1 ? Math.exp(0.5) : 0)
      : Math.exp((degrees - 1) * Math.log(s) - (degrees * (s * s - 1)) / 2);
    weighted += simpson * density * normalCdf(shift - critical * s);
    total += simpson * density;
  }
  return weighted / total;
}

const INTERVALS = 400;
