/**
 * Exponential moving average with bias correction (Kingma and Ba, 2015, arXiv:1412.6980, section 3): mₜ = β·mₜ₋₁ +
 * (1 − β)·xₜ from m = 0, divided by 1 − βᵗ, so that the first value is itself. Each call takes the next value and
 * returns the average so far; it looks back only, and so lags by β/(1 − β) values in the long run.
 *
 * @param beta weight of the past: 0 leaves the values as they are.
 * @throws {RangeError} for a β outside [0, 1).
 */
export function movingAverage(beta: number): (value: number) => number {
  if (!(beta >= 0 && beta < 1)) {
    throw new RangeError(`Cannot average with a weight of ${beta} for the past: it must lie in [0, 1)`);
  }
  let sum = 0;
  let weight = 0;
  return (value) => {
    sum = beta * sum + (1 - beta) * value;
    weight = beta * weight + (1 - beta);
    return sum / weight;
  };
}
