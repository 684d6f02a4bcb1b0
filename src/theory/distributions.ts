import { random } from "#lib/prng.ts";
import { normalCdf } from "#stats/distributions.ts";
import { type KolmogorovDistance, kolmogorovDistance } from "#stats/kolmogorov.ts";
import { type Noise, runChains } from "./chains.ts";
import { type Histogram, histogramOf } from "./histogram.ts";
import { type NoisyQuadratic, settlingSteps, stationaryVariance } from "./quadratic.ts";

/** `coin`: +1 or −1 with equal chances, which has mean 0 and variance 1 too. */
export type NoiseName = "normal" | "coin";

export interface DistributionSettings {
  readonly noise: NoiseName;
  /** Rate times curvature, in (0, 2). */
  readonly sharpness: number;
}

/** Distribution of settled chains at a constant rate, beside the normal density of the formula's variance. */
export interface Distribution extends DistributionSettings, KolmogorovDistance {
  readonly rate: number;
  readonly chains: number;
  readonly steps: number;
  /** The formula's √variance. */
  readonly deviation: number;
  /** Sample variance over the formula's. */
  readonly varianceRatio: number;
  readonly histogram: Histogram;
}

/** The histogram reaches so many standard deviations to both sides. */
const REACH = 3.5;
const BARS = 42;

/** Lets independent chains settle and compares their distribution with the normal one of the formula's variance. */
export function measureDistribution(
  problem: NoisyQuadratic,
  { noise, sharpness }: DistributionSettings,
  { chains, seed }: { readonly chains: number; readonly seed: number },
): Distribution {
  const rate = sharpness / problem.curvature;
  const steps = settlingSteps(problem, rate);
  const arm = { rates: new Float64Array(steps).fill(rate) };
  const [[x]] = runChains(problem, [arm], {
    chains,
    keep: [steps],
    noise: noiseOf(noise, seed, sharpness),
  }) as [[Float64Array]];
  const variance = stationaryVariance(problem, rate);
  const deviation = Math.sqrt(variance);
  return {
    noise,
    sharpness,
    rate,
    chains,
    steps,
    deviation,
    varianceRatio: x.reduce((sum, value) => sum + value ** 2, 0) / chains / variance,
    histogram: histogramOf(x, REACH * deviation, BARS),
    ...kolmogorovDistance(x, (value) => normalCdf(value / deviation)),
  };
}

function noiseOf(name: NoiseName, seed: number, sharpness: number): Noise {
  const source = random(seed, "distribution", name, sharpness);
  return name === "normal" ? source.normal : () => source.uniform() < 0.5 ? -1 : 1;
}
