import { random } from "#lib/prng.ts";
import { bootstrapInterval } from "#stats/bootstrap.ts";

/** Distributions of paired differences, each with its true mean. */
export const POPULATIONS = {
  normal: { mean: 0, draw: (normal: () => number, _uniform: () => number) => normal() },
  exponential: { mean: 1, draw: (_normal: () => number, uniform: () => number) => -Math.log(1 - uniform()) },
  "log-normal": { mean: Math.exp(0.5), draw: (normal: () => number) => Math.exp(normal()) },
} as const;

/** Share of 95 % intervals from seeded samples that hold the true mean. */
export function coverage(
  population: keyof typeof POPULATIONS,
  count: number,
  { samples, resamples, interval = bootstrapInterval }: {
    readonly samples: number;
    readonly resamples: number;
    readonly interval?: (values: number[], options: { seed: number; resamples: number }) =>
      | readonly [number, number]
      | null;
  },
): number {
  const { mean, draw } = POPULATIONS[population];
  const source = random(20261122, "coverage", population, count);
  let held = 0;
  for (let sample = 0; sample < samples; sample++) {
    const values = Array.from({ length: count }, () => draw(source.normal, source.uniform));
    const [low, high] = interval(values, { seed: sample, resamples })!;
    if (low <= mean && mean <= high) held++;
  }
  return held / samples;
}

/** The percentile bootstrap without correction, for comparison. */
export function percentileInterval(
  values: number[],
  { seed, resamples }: { seed: number; resamples: number },
): readonly [number, number] {
  const source = random(seed, "percentile");
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[source.below(values.length)]!;
    return sum / values.length;
  }).sort();
  return [means[Math.floor(0.025 * resamples)]!, means[Math.ceil(0.975 * resamples) - 1]!];
}

// `deno run -A tests/stats/coverage.ts` prints the table of `src/stats/bootstrap.ts`.
if (import.meta.main) {
  for (const count of [2, 3, 5, 8, 10]) {
    const samples = count <= 5 ? 20_000 : 4_000;
    const cells = Object.keys(POPULATIONS).map((name) => {
      const population = name as keyof typeof POPULATIONS;
      const percent = (share: number) => (100 * share).toFixed(1);
      const widened = coverage(population, count, { samples, resamples: 2_000 });
      const plain = coverage(population, count, {
        samples: 4_000,
        resamples: 1_000,
        interval: percentileInterval,
      });
      return `${percent(widened)} % (${percent(plain)})`;
    });
    console.log(` * | ${[count, ...cells].join(" | ")} |`);
  }
}
