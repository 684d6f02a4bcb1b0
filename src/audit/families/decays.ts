import { holds } from "../case.ts";
import { leastSquares } from "../least_squares.ts";
import { type RateLog, sliced } from "../log.ts";
import { type Found, inSteps, PLAIN, plain } from "./found.ts";

/** η·γ^t: a line in the logarithm. */
export function exponential(log: RateLog): Found | null {
  const { steps, rates, tolerances } = log;
  if (steps.length < 4 || rates.some((rate) => !(rate > 0)) || !(rates.at(-1)! < rates[0]!)) return null;
  const errors = rates.map((rate, i) => tolerances[i]! / rate);
  const line = leastSquares([steps.map(() => 1), steps], rates.map(Math.log), errors);
  if (line === null) return null;
  const [lr, gamma] = [plain(Math.exp(line[0]!), 1e-5), plain(Math.exp(line[1]!), 1e-7)];
  const fits = [[lr, gamma], [Math.exp(line[0]!), Math.exp(line[1]!)]] as const;
  const fit = fits.find(([first, factor]) => holds(log, (step) => first * factor ** step));
  if (fit === undefined) return null;
  return {
    ...PLAIN,
    family: "exponential",
    spec: { name: "exponential", lr: fit[0], gamma: fit[1], every: "1 step" },
    rate: (step) => fit[0] * fit[1] ** step,
    parameters: { lr: fit[0], gamma: fit[1] },
  };
}

/** η/√(t + b) after a linear ramp: the inverse square is a line. b is 0 in transformers, 1 in Noam's. */
export function inverseRoot(log: RateLog): Found | null {
  const top = log.rates.reduce((best, rate, i) => rate > log.rates[best]! ? i : best, 0);
  const after = sliced(log, top + 1);
  if (after.steps.length < 4 || after.rates.some((rate) => !(rate > 0))) return null;
  const inverse = after.rates.map((rate) => rate ** -2);
  const line = leastSquares(
    [after.steps.map(() => 1), after.steps],
    inverse,
    after.rates.map((rate, i) => 2 * after.tolerances[i]! / rate ** 3),
  );
  if (line === null || !(line[1]! > 0)) return null;
  const shift = line[0]! / line[1]!;
  if (Math.abs(shift - Math.round(shift)) > 0.3 || shift < -0.3 || shift > 1.3) return null;
  const first = Math.round(shift);
  const scale = line[1]! ** -0.5;
  // The ramp meets the root at the warmup's end: c·(t + b) = scale·(t + b)^−½.
  const crossings = [top - 1, top].flatMap((at) => {
    const slope = at >= 0 ? log.rates[at]! / (log.steps[at]! + first) : 0;
    return slope > 0 && slope < Infinity ? [(scale / slope) ** (2 / 3)] : [];
  });
  const exact = [...crossings, log.steps[0]! + first].map(Math.round);
  for (const warmup of new Set(exact.flatMap((one) => [one, one - 1, one + 1]))) {
    const lr = scale / Math.sqrt(warmup);
    const rate = (step: number) => {
      const t = step + first;
      return lr * Math.min(t / warmup, Math.sqrt(warmup / Math.max(t, 1e-9)));
    };
    if (warmup < 1 || !holds(log, rate)) continue;
    return {
      ...PLAIN,
      family: first === 1 ? "Noam's inverse square root" : "inverse square root",
      spec: first === 1
        ? { name: "noam", d_model: 512, warmup: inSteps(warmup), factor: plain(scale * Math.sqrt(512)) }
        : { name: "inverse_sqrt", lr: plain(lr), warmup: inSteps(warmup) },
      rate,
      parameters: { lr: plain(lr), warmup },
      warmup,
    };
  }
  return null;
}
