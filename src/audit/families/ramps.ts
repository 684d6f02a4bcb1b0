import { holds } from "../case.ts";
import { leastSquares, levenbergMarquardt } from "../least_squares.ts";
import type { RateLog } from "../log.ts";
import { type Found, PLAIN, plain } from "./found.ts";

/** Points from which a cosine is recognised. */
const LEAST_POINTS = 5;

/** A line that rises to the end of the log: a warmup, or a range test. */
export function rising(log: RateLog): Found | null {
  const { steps, rates } = log;
  if (rates.some((rate, i) => i > 0 && rate < rates[i - 1]!)) return null;
  const line = leastSquares([steps.map(() => 1), steps], rates, log.tolerances);
  if (line === null || !(line[1]! > 0)) return null;
  const rate = (step: number) => line[0]! + line[1]! * step;
  if (!holds(log, rate)) return null;
  return {
    ...PLAIN,
    family: "a linear ramp, not at its end",
    spec: null,
    rate,
    parameters: { from: plain(Math.max(0, line[0]!), 1e-4), rise_per_step: plain(line[1]!, 1e-4) },
    isRising: true,
  };
}

/** The beginning of a cosine ramp, as of a one-cycle: by its length, to which the points fit within their rounding. */
export function risingCosine(log: RateLog): Found | null {
  const { steps, rates, tolerances } = log;
  if (
    steps.length < LEAST_POINTS || rates.some((rate, i) => i > 0 && rate < rates[i - 1]! - tolerances[i]!)
  ) return null;
  const columnsOf = (length: number) => [
    steps.map(() => 1),
    steps.map((step) => 1 - Math.cos(Math.PI * step / length)),
  ];
  const levelsOf = (length: number) => leastSquares(columnsOf(length), rates, tolerances);
  for (const times of [1.05, 1.5, 4, 16]) {
    const best = levenbergMarquardt(([length]) => {
      const levels = length! > steps.at(-1)! / 2 ? levelsOf(length!) : null;
      if (levels === null) return null;
      const [, up] = columnsOf(length!);
      return rates.map((rate, i) => (levels[0]! + levels[1]! * up![i]! - rate) / tolerances[i]!);
    }, [times * steps.at(-1)!]);
    const length = best?.[0] ?? 0;
    const levels = length > 0 ? levelsOf(length) : null;
    if (levels === null || !(levels[1]! > 0)) continue;
    const rate = (step: number) => levels[0]! + levels[1]! * (1 - Math.cos(Math.PI * step / length));
    if (!holds(log, rate)) continue;
    return {
      ...PLAIN,
      family: "a cosine ramp, not at its end",
      spec: null,
      rate,
      parameters: { from: plain(Math.max(0, levels[0]!), 1e-4), warmup: Math.round(length) },
      isRising: true,
    };
  }
  return null;
}
