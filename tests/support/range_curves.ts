import { random } from "#lib/prng.ts";
import type { Rule } from "#stats/rate_suggestions.ts";

/** An exponential ramp from 1e-6 to 10. */
export const ramp = (steps: number) =>
  Array.from({ length: steps }, (_, i) => 1e-6 * 1e7 ** (i / (steps - 1)));
/** The loss of guessing among ten classes, in nats. */
export const GUESSING = Math.log(10);

export interface Shape {
  /** log10 of the rate at which half of the loss has fallen. */
  readonly middle: number;
  /** log10 of the rate at which it is up again by the size of its fall. */
  readonly end: number;
  /** Nats above guessing at the start; unlearnt around a rate of 1e-5. */
  readonly excess: number;
}

/** The loss without noise: what a last layer happens to say is unlearnt, 1.5 nats are learnt, then it explodes. */
function lossAt(rate: number, { middle, end, excess }: Shape): number {
  const x = Math.log10(rate);
  const falling = (at: number) => 1 / (1 + Math.exp(6 * (x - at)));
  return GUESSING - 1.5 + 1.5 * falling(middle) + excess * falling(-5) + 1.5 * 10 ** (3 * (x - end));
}

/** What each rule reads off that loss on a fine grid, by its own definition. */
export function known(shape: Shape): Record<Rule, number> {
  const rates = ramp(20_001).filter((rate) => rate >= 1e-4);
  const losses = rates.map((rate) => lossAt(rate, shape));
  const lowest = losses.indexOf(Math.min(...losses));
  const fall = GUESSING - losses[lowest]!;
  const slopes = losses.slice(1, lowest).map((loss, i) => loss - losses[i]!);
  return {
    valley: rates[losses.findIndex((loss) => loss < GUESSING - fall / 2)]!,
    steepest: rates[slopes.indexOf(Math.min(...slopes))]!,
    minimum_tenth: rates[lowest]! / 10,
    slide: rates[losses.findIndex((loss, i) => i > lowest && loss > losses[lowest]! + fall / 10)]!,
  };
}

/** Batch losses with noise of a standard deviation of 0.15 nats; one in twelve batches is far off. */
export function measured(shape: Shape, seed: number, steps = 200) {
  const { normal, uniform } = random(seed, "range curve");
  const rates = ramp(steps);
  const all = rates.map((rate) => lossAt(rate, shape) + 0.15 * normal() + (uniform() < 1 / 12 ? 1.5 : 0));
  const ended = all.findIndex((loss) => loss > 9);
  return ended === -1
    ? { rates, losses: all }
    : { rates: rates.slice(0, ended), losses: all.slice(0, ended) };
}
