import { random } from "#lib/prng.ts";
import { checkConfidence } from "./confidence.ts";
import { normalQuantile, studentQuantile } from "./distributions.ts";
import { mean } from "./summary.ts";

export interface BootstrapOptions {
  /** Share of intervals that should hold the true mean; 0.95 if not given. */
  readonly confidence?: number;
  /** Seed of the resampling where the sample is too large to enumerate; 0 if not given. */
  readonly seed?: number;
  /** Number of resamples then; 10,000 if not given. */
  readonly resamples?: number;
}

/** Samples up to this size are enumerated: C(2n − 1, n) distinct resamples, 6,435 at n = 8. */
const ENUMERATED = 8;

/**
 * Bootstrap interval for a mean, widened for small samples.
 *
 * The percentile bootstrap takes the α/2 and 1 − α/2 quantiles q of the resampled means. With few values it is far
 * too narrow, for it uses z where t is due and the divisor n where n − 1 is (Hesterberg, "What Teachers Should Know
 * About the Bootstrap", 2015, section 4). Both are put right about the mean:
 *
 *     interval = x̄ + w·(q − x̄),   w = t(1 − α/2; n − 1)/z(1 − α/2) · √(n/(n − 1))
 *
 * Up to n = 8 the distribution of resampled means is enumerated exactly, so nothing is random; above, `resamples`
 * seeded draws stand in for it.
 *
 * Coverage of the 95 % interval, measured by `tests/stats/coverage.ts` over 20,000 samples (n <= 5) or 4,000; in
 * parentheses the plain percentile bootstrap:
 *
 * | n | normal | exponential | log-normal (σ = 1) |
 * |---|---|---|---|
 * | 2 | 93.0 % (50.0) | 88.4 % (45.9) | 85.7 % (42.4) |
 * | 3 | 94.8 % (74.0) | 89.0 % (70.4) | 84.6 % (63.8) |
 * | 5 | 94.6 % (82.6) | 89.0 % (78.5) | 83.1 % (71.7) |
 * | 8 | 94.3 % (87.9) | 90.2 % (84.0) | 84.7 % (78.4) |
 * | 10 | 94.5 % (90.2) | 91.5 % (87.0) | 84.7 % (80.3) |
 *
 * So it holds what it says for symmetric differences, and less for strongly skewed ones.
 *
 * @returns `null` with fewer than two values.
 * @throws {RangeError} for values that are not finite, or a confidence outside (0, 1).
 *
 * @example Three differences of about 0.01: zero is not ruled out
 * ```ts
 * import assert from "node:assert/strict";
 * import { bootstrapInterval } from "#stats/bootstrap.ts";
 *
 * const [low, high] = bootstrapInterval([0.012, 0.019, 0.008])!;
 * assert.equal(low.toFixed(4), "-0.0004");
 * assert.equal(high.toFixed(4), "0.0291");
 * assert.equal(bootstrapInterval([0.012]), null);
 * ```
 */
export function bootstrapInterval(
  values: readonly number[],
  options: BootstrapOptions = {},
): readonly [number, number] | null {
  const { confidence = 0.95, seed = 0, resamples = 10_000 } = options;
  checkConfidence(confidence);
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new RangeError(`Cannot resample ${wrong}: values must be finite`);
  const count = values.length;
  if (count < 2) return null;
  const tail = (1 - confidence) / 2;
  const resampled = count <= ENUMERATED ? enumerated(values) : drawn(values, seed, resamples);
  const centre = mean(values);
  const widening = (studentQuantile(1 - tail, count - 1) / normalQuantile(1 - tail)) *
    Math.sqrt(count / (count - 1));
  const [low, high] = outerQuantiles(resampled, tail);
  return [centre + widening * (low - centre), centre + widening * (high - centre)];
}

/** Means of resamples in rising order, each with its probability. */
interface Resampled {
  readonly means: ArrayLike<number>;
  readonly probability: (index: number) => number;
}

/** Every distinct resample with its multinomial probability n!/(k₁!…kₙ!)/nⁿ. */
function enumerated(values: readonly number[]): Resampled {
  const count = values.length;
  const found: { mean: number; probability: number }[] = [];
  const visit = (item: number, left: number, sum: number, ways: number): void => {
    if (item === count - 1) {
      found.push({ mean: (sum + left * values[item]!) / count, probability: ways / count ** count });
      return;
    }
    // `ways` takes up the binomial C(left, taken) at each value.
    let binomial = 1;
    for (let taken = 0; taken <= left; taken++) {
      visit(item + 1, left - taken, sum + taken * values[item]!, ways * binomial);
      binomial = (binomial * (left - taken)) / (taken + 1);
    }
  };
  visit(0, count, 0, 1);
  found.sort((a, b) => a.mean - b.mean);
  return { means: found.map(({ mean }) => mean), probability: (index) => found[index]!.probability };
}

function drawn(values: readonly number[], seed: number, resamples: number): Resampled {
  const source = random(seed, "bootstrap", values.length);
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[source.below(values.length)]!;
    return sum / values.length;
  }).sort();
  return { means, probability: () => 1 / resamples };
}

/** From each end, the first mean at which the probability so far reaches `tail`: where they jump, the outer one. */
function outerQuantiles({ means, probability }: Resampled, tail: number): readonly [number, number] {
  const from = (start: number, step: 1 | -1): number => {
    let sum = 0;
    let index = start;
    for (; index + step >= 0 && index + step < means.length; index += step) {
      sum += probability(index);
      // Sums of fractions such as 1/27 may fall short of the tail by rounding.
      if (sum >= tail - 1e-12) break;
    }
    return means[index]!;
  };
  return [from(0, 1), from(means.length - 1, -1)];
}
