import { random } from "#lib/prng.ts";
import { type Estimate, normalVariance } from "#stats/variance.ts";
import { runChains } from "./chains.ts";
import { type NoisyQuadratic, settlingSteps, stationaryVariance } from "./quadratic.ts";

export interface FloorSettings {
  readonly momentum: number;
  /** Rates times the curvature: 0 < ηh < 2(1 + μ). */
  readonly sharpness: readonly number[];
}

/** The variance that one constant rate settles to, by formula and by simulation. */
export interface Floor {
  readonly momentum: number;
  readonly rate: number;
  /** Rate times curvature. */
  readonly sharpness: number;
  readonly steps: number;
  readonly chains: number;
  readonly formula: number;
  /** Intervals of one momentum hold all at once. */
  readonly measured: Estimate;
}

/** Lets independent chains settle at each rate and measures their variance. */
export function measureFloors(
  problem: NoisyQuadratic,
  settings: readonly FloorSettings[],
  { chains, seed }: { readonly chains: number; readonly seed: number },
): Floor[] {
  return settings.flatMap(({ momentum, sharpness: all }) =>
    all.map((sharpness) => {
      const rate = sharpness / problem.curvature;
      const steps = settlingSteps(problem, rate, momentum);
      const rates = new Float64Array(steps).fill(rate);
      const noise = random(seed, "floor", momentum, sharpness).normal;
      const [[x]] = runChains(problem, [{ rates, momentum }], { chains, keep: [steps], noise }) as [
        [Float64Array],
      ];
      return {
        momentum,
        rate,
        sharpness,
        steps,
        chains,
        formula: stationaryVariance(problem, rate, momentum),
        measured: normalVariance(x, all.length),
      };
    })
  );
}
