/** f(x) = ½·h·x² whose gradient is seen with noise: h·x + σ·ε, ε of mean 0 and variance 1, fresh at each step. */
export interface NoisyQuadratic {
  /** h > 0. */
  readonly curvature: number;
  /** σ > 0, standard deviation of the gradient's noise. */
  readonly noise: number;
  /** x before the first step. */
  readonly start: number;
}

/**
 * Variance that x settles to under SGD with a constant rate η and momentum μ (v ← μv + g, x ← x − ηv, as in PyTorch):
 * ησ²·(1 + μ) / (h·(1 − μ)·(2(1 + μ) − ηh)); without momentum ησ² / (h·(2 − ηh)). It follows from the variance of an
 * autoregression of order 2, since x_{t+1} = (1 + μ − ηh)·x_t − μ·x_{t−1} − ησε_t. For small ηh it is near
 * ησ² / (2h(1 − μ)), which is proportional to the rate.
 *
 * @throws {RangeError} unless 0 <= μ < 1 and 0 < ηh < 2(1 + μ), where alone there is such a variance.
 * @see Mandt, Hoffman and Blei, 2017, arXiv:1704.04289, for small rates
 */
export function stationaryVariance(problem: NoisyQuadratic, rate: number, momentum = 0): number {
  checkStable(problem, rate, momentum);
  const { curvature, noise } = problem;
  return (rate * noise ** 2 * (1 + momentum)) /
    (curvature * (1 - momentum) * (2 * (1 + momentum) - rate * curvature));
}

/**
 * Steps after which a constant rate has forgotten the start: what is left of it is a thousandth of the stationary
 * standard deviation. It shrinks by the larger root of z² − (1 + μ − ηh)z + μ a step.
 *
 * @throws {RangeError} as {@link stationaryVariance}.
 */
export function settlingSteps(problem: NoisyQuadratic, rate: number, momentum = 0): number {
  const deviation = Math.sqrt(stationaryVariance(problem, rate, momentum));
  const sum = 1 + momentum - rate * problem.curvature;
  const discriminant = sum ** 2 - 4 * momentum;
  const root = discriminant < 0 ? Math.sqrt(momentum) : (Math.abs(sum) + Math.sqrt(discriminant)) / 2;
  const left = 1e-3 * deviation / Math.max(Math.abs(problem.start), deviation);
  return root === 0 ? 1 : Math.ceil(Math.log(left) / Math.log(root));
}

/** Mean and variance of x before the first step and after each: T + 1 values for T rates. */
export interface Moments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Mean and variance of x under any rates, exactly: both follow linear recursions, whatever the noise's shape. */
export function moments(problem: NoisyQuadratic, rates: Float64Array, momentum = 0): Moments {
  const { curvature, noise, start } = problem;
  const mean = new Float64Array(rates.length + 1);
  const variance = new Float64Array(rates.length + 1);
  mean[0] = start;
  // Means of x and v; variances of both and their covariance.
  let [x, v, xx, xv, vv] = [start, 0, 0, 0, 0];
  rates.forEach((rate, step) => {
    const shrink = 1 - rate * curvature;
    v = momentum * v + curvature * x;
    x -= rate * v;
    const nextVv = momentum ** 2 * vv + 2 * momentum * curvature * xv + curvature ** 2 * xx + noise ** 2;
    const nextXv = momentum * shrink * xv - rate * momentum ** 2 * vv + curvature * shrink * xx -
      rate * momentum * curvature * xv - rate * noise ** 2;
    const nextXx = shrink ** 2 * xx - 2 * shrink * rate * momentum * xv + (rate * momentum) ** 2 * vv +
      (rate * noise) ** 2;
    [xx, xv, vv] = [nextXx, nextXv, nextVv];
    mean[step + 1] = x;
    variance[step + 1] = xx;
  });
  return { mean, variance };
}

/**
 * Variance of the mean of `count` successive x at a constant rate that has settled:
 * V/n·((1 + ρ)/(1 − ρ) − 2ρ(1 − ρⁿ)/(n(1 − ρ)²)) with ρ = 1 − ηh. For large n it is σ²/(h²n), whatever the rate.
 *
 * @throws {RangeError} unless 0 < ηh < 2.
 * @see Polyak and Juditsky, 1992
 */
export function averagedVariance(problem: NoisyQuadratic, rate: number, count: number): number {
  const correlation = 1 - rate * problem.curvature;
  const sum = (1 + correlation) / (1 - correlation) -
    2 * correlation * (1 - correlation ** count) / (count * (1 - correlation) ** 2);
  return stationaryVariance(problem, rate) / count * sum;
}

function checkStable({ curvature }: NoisyQuadratic, rate: number, momentum: number): void {
  const sharpness = rate * curvature;
  const limit = 2 * (1 + momentum);
  if (!(momentum >= 0 && momentum < 1 && sharpness > 0 && sharpness < limit)) {
    throw new RangeError(
      `Cannot settle at rate ${rate} with curvature ${curvature} and momentum ${momentum}: ` +
        `rate × curvature is ${sharpness} and must lie between 0 and ${limit}`,
    );
  }
}
