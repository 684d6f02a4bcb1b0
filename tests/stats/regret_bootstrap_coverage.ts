import { type Random, random } from "#lib/prng.ts";
import { mean, quantile } from "#stats/summary.ts";
import { BENCHMARKS, drawn, type Size } from "./rank_coverage.ts";

/** Scores by setting, family and seed. */
type Scores = readonly (readonly (readonly number[])[])[];

/** Mean regret of the first family against the observed best of each setting. */
function plainRegret(means: readonly (readonly number[])[]): number {
  return mean(means.map((setting) => Math.max(...setting) - setting[0]!));
}

function resampled(scores: Scores, source: Random): number {
  return plainRegret(scores.map((families) => {
    const places = families[0]!.map(() => source.below(families[0]!.length));
    return families.map((own) => mean(places.map((place) => own[place]!)));
  }));
}

/**
 * What `regrets` does not do: share of 95 % intervals of the plain mean regret that hold the truth, 0, where families are
 * all alike; percentiles of the bootstrap, and the same turned about the estimate, which takes its bias out once.
 */
export function bootstrapCoverage(size: Size, benchmarks: number, resamples: number) {
  const source = random(20261128, "bootstrap", size.seeds);
  const held = { percentile: 0, turned: 0 };
  for (let at = 0; at < benchmarks; at++) {
    const scores = drawn(BENCHMARKS["no difference"]!, size, source).scores as Scores;
    const estimate = plainRegret(scores.map((families) => families.map(mean)));
    const all = Array.from({ length: resamples }, () => resampled(scores, source));
    const [low, high] = [quantile(all, 0.025), quantile(all, 0.975)];
    if (low <= 0) held.percentile++;
    if (2 * estimate - high <= 0) held.turned++;
  }
  return { percentile: held.percentile / benchmarks, turned: held.turned / benchmarks };
}

// `deno run -A tests/stats/regret_bootstrap_coverage.ts` prints what docs/evidence.md says of the bootstrap.
if (import.meta.main) {
  for (const seeds of [3, 5, 8]) {
    const { percentile, turned } = bootstrapCoverage({ settings: 9, families: 12, seeds }, 200, 300);
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    console.log(`${seeds} seeds: percentiles ${percent(percentile)}, bias taken out ${percent(turned)}`);
  }
}
