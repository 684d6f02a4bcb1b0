import { type Moments, moments, type NoisyQuadratic, stationaryVariance } from "./quadratic.ts";

/**
 * A loss of two directions, f(x, y) = ½h·x² + ½h′·y², each of them a noisy quadratic. SGD moves along each by itself,
 * since the gradient of one does not depend on the other.
 */
export interface Landscape {
  /** The steep direction x: across the valley. */
  readonly across: NoisyQuadratic;
  /** The flat direction y: along the valley. */
  readonly along: NoisyQuadratic;
}

/** Landscapes by name, with h′/h: how flat the second direction is against the first. */
const LANDSCAPES = { bowl: 1, valley: 1 / 100 } as const;
export type LandscapeName = keyof typeof LANDSCAPES;

/**
 * A round bowl, or a valley that is a hundred times flatter along its floor than across it. The noise grows as √h, which
 * is how the covariance of minibatch gradients lies near a minimum (Jastrzębski et al., 2017, arXiv:1711.04623): both
 * directions have the same share in the noise floor of the loss.
 *
 * @param problem the steep direction; y starts at −x.
 */
export function landscapeOf(name: LandscapeName, problem: NoisyQuadratic): Landscape {
  const { curvature, noise, start } = problem;
  const flatness = LANDSCAPES[name];
  return {
    across: problem,
    along: { curvature: curvature * flatness, noise: noise * Math.sqrt(flatness), start: -start },
  };
}

/** The loss at a point. */
export function lossAt({ across, along }: Landscape, x: number, y: number): number {
  return 0.5 * (across.curvature * x ** 2 + along.curvature * y ** 2);
}

/** Exact moments of both directions before the first step and after each, and the expected loss from them. */
export interface LandscapeMoments {
  readonly across: Moments;
  readonly along: Moments;
  /** E f = ½h·E[x²] + ½h′·E[y²]: T + 1 values for T rates. */
  readonly loss: Float64Array;
}

/** The moments under any rates: those of {@link moments} for each direction. */
export function landscapeMoments(
  landscape: Landscape,
  rates: Float64Array,
  momentum: number,
): LandscapeMoments {
  const [across, along] = [
    moments(landscape.across, rates, momentum),
    moments(landscape.along, rates, momentum),
  ];
  const loss = across.mean.map((mean, step) =>
    0.5 * landscape.across.curvature * (mean ** 2 + across.variance[step]!) +
    0.5 * landscape.along.curvature * (along.mean[step]! ** 2 + along.variance[step]!)
  );
  return { across, along, loss };
}

/** The largest ηh at which SGD with momentum μ settles: 2(1 + μ). */
export const stabilityLimit = (momentum: number): number => 2 * (1 + momentum);

/** The expected loss that a constant rate settles to; `null` where it settles nowhere. */
export function lossFloor({ across, along }: Landscape, rate: number, momentum: number): number | null {
  if (!(rate > 0 && rate * across.curvature < stabilityLimit(momentum))) return null;
  const floorOf = (direction: NoisyQuadratic) =>
    0.5 * direction.curvature * stationaryVariance(direction, rate, momentum);
  return floorOf(across) + floorOf(along);
}
