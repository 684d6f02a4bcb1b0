import { entry, type Given } from "./entry.ts";
import { duration, rate, rateOrZero } from "./params.ts";
import type { Schedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  lr: rate("rate of the first step"),
  eta_min: rateOrZero("rate from update `T_max` on", 0),
  T_max: duration("T, the length of the descent"),
};

/**
 * η(t) = min + (η₀ − min)·(1 + cos(πt/T))/2 for t < T, `eta_min` from T on; t and T = `T_max` in steps.
 *
 * First value `lr`, last `eta_min`, reached at t = T. torch's scheduler rises again past T; this one stays.
 *
 * @throws {RangeError} unless `lr` > 0, 0 <= `eta_min` <= `lr` and `T_max` >= 1.
 * @see Loshchilov and Hutter, 2016, arXiv:1608.03983; torch.optim.lr_scheduler.CosineAnnealingLR (closed form)
 */
export function cosine(given: Given<typeof PARAMS>): Schedule {
  const { lr, eta_min, T_max } = check("cosine", PARAMS, given);
  if (eta_min > lr) throw new ParameterError("cosine", "eta_min", `at most lr, which is ${lr}`, eta_min);
  return (t) => t >= T_max ? eta_min : cosineBetween(lr, eta_min, t / T_max);
}

/** Half a cosine from `start` (progress 0) to `end` (progress 1); both ends are exact. */
export function cosineBetween(start: number, end: number, progress: number): number {
  if (progress === 0) return start; // end + (start − end) may be off by a bit
  return end + (start - end) * (1 + Math.cos(Math.PI * progress)) / 2;
}

export default entry({
  name: "cosine",
  summary: "Falls from lr to eta_min along half a cosine, and stays there.",
  params: PARAMS,
  formula: "min + (η₀ − min)·(1 + cos(πt/T))/2",
  first: "lr",
  last: "eta_min, from T on",
  source: "Loshchilov and Hutter, 2016, arXiv:1608.03983; torch CosineAnnealingLR, Keras CosineDecay",
  label: "cosine {lr} → {eta_min} over {T_max}",
  sample: { name: "cosine", lr: 0.1, eta_min: 1e-6, T_max: "100%" },
  build: (values) => ({ lr: cosine(values) }),
});
