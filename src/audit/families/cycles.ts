import { holds } from "../case.ts";
import { leastSquares } from "../least_squares.ts";
import { type RateLog, thinned } from "../log.ts";
import { type Found, inSteps, PLAIN, plain } from "./found.ts";

const GROWTHS = [1, 2, 1.5, 3, 4];
/** Lengths of a first cycle that are tried. */
const MOST_LENGTHS = 400;
const FITTED = 200;

/** The position in its cycle, 0 to 1, of a step; cycle k starts at the rounded sum of the lengths before it. */
function phase(step: number, first: number, growth: number): number {
  if (growth === 1) return step % first / first;
  const startOf = (k: number) => Math.round(first * (growth ** k - 1) / (growth - 1));
  let k = 0;
  while (step >= startOf(k + 1)) k++;
  return (step - startOf(k)) / (startOf(k + 1) - startOf(k));
}

/** Half cosines from peak to minimum, one after another, each so many times as long as the one before. */
export function warmRestarts(log: RateLog): Found | null {
  const { steps, rates, tolerances } = log;
  const restart = rates.findIndex((rate, i) =>
    i > 0 && rate > rates[i - 1]! + tolerances[i]! + tolerances[i - 1]!
  );
  if (restart < 2 || rates[0]! < rates[1]!) return null;
  const few = thinned(log, FITTED);
  const [low, high] = [steps[restart - 1]! + 1, steps[restart]!];
  const stride = Math.max(1, Math.ceil((high - low + 1) / MOST_LENGTHS));
  for (let first = high; first >= low; first -= stride) {
    for (const growth of GROWTHS) {
      const wave = (step: number) => (1 + Math.cos(Math.PI * phase(step, first, growth))) / 2;
      const up = few.steps.map(wave);
      for (const columns of [[up], [up, up.map((part) => 1 - part)]]) {
        const solved = leastSquares(columns, few.rates, few.tolerances);
        if (solved === null) continue;
        const [peak, minimum = 0] = solved as [number, number?];
        const rate = (step: number) => minimum + (peak - minimum) * wave(step);
        if (!(peak > 0 && minimum > -1e-9 * peak) || !holds(log, rate)) continue;
        const [lr, eta_min] = [plain(peak), Math.abs(minimum) < 1e-7 * peak ? 0 : plain(minimum)];
        return {
          ...PLAIN,
          family: "warm restarts (SGDR)",
          spec: { name: "sgdr", lr, eta_min, T_0: inSteps(first), T_mult: growth },
          rate,
          parameters: { lr, ...(eta_min === 0 ? {} : { minimum: eta_min }), first_cycle: first, growth },
        };
      }
    }
  }
  return null;
}

/** A triangle between two rates; its height stays or is halved each time. */
export function triangle(log: RateLog): Found | null {
  const { steps, rates, tolerances } = log;
  if (steps.length < 8 || !(rates[1]! > rates[0]!)) return null;
  const top = rates.findIndex((rate, i) => i > 0 && rate > (rates[i + 1] ?? Infinity));
  if (top < 2 || top + 2 >= steps.length) return null;
  const slopeAt = (a: number, b: number) => (rates[b]! - rates[a]!) / (steps[b]! - steps[a]!);
  // The peak lies where the first line up meets the first line down, and both have one slope.
  const up = slopeAt(0, top - 1);
  const base = rates[0]! - up * steps[0]!;
  const down = slopeAt(top + 1, top + 2);
  const crossing = (rates[top + 1]! - down * steps[top + 1]! - base) / (up - down);
  for (const half of [0, -1, 1, -2, 2, -3, 3].map((by) => Math.round(crossing) + by)) {
    for (const isHalved of [false, true]) {
      const height = (step: number) => {
        const cycle = Math.floor(step / (2 * half));
        const x = Math.abs((step - 2 * half * cycle) / half - 1);
        return (1 - x) * (isHalved ? 2 ** -cycle : 1);
      };
      const heights = steps.map(height);
      const levels = half < 1
        ? null
        : leastSquares([heights.map((part) => 1 - part), heights], rates, tolerances);
      if (levels === null) continue;
      const [low, peak] = [plain(levels[0]!), plain(levels[1]!)];
      const rate = (step: number) => low + (peak - low) * height(step);
      if (!(low >= 0 && peak > low) || !holds(log, rate)) continue;
      return {
        ...PLAIN,
        family: "cyclic (triangle)",
        spec: {
          name: "cyclic",
          base_lr: low,
          max_lr: peak,
          step_size_up: inSteps(half),
          mode: isHalved ? "triangular2" : "triangular",
          cycle_momentum: false,
        },
        rate,
        parameters: { base: low, peak, step_size_up: half },
      };
    }
  }
  return null;
}
