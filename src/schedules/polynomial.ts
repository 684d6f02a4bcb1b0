import { entry, type Given } from "./entry.ts";
import { boolean, duration, number, rate, rateOrZero } from "./params.ts";
import type { Schedule } from "./schedule.ts";
import { check } from "./values.ts";

const LINEAR = {
  lr: rate("rate of the first step"),
  end_lr: rateOrZero("rate from update `duration` on", 0),
  duration: duration("T, the length of the descent"),
};
const PARAMS = {
  ...LINEAR,
  power: number("p: 1 is linear, 2 quadratic, 0.5 the square root", "1", { above: 0 }, 1),
  cycle: boolean("whether T moves to the next multiple of itself instead of ending, as in Keras", false),
};

/**
 * η(t) = end + (η₀ − end)·(1 − t/T)^p for t < T, `end` from T on; t and T = `duration` in steps.
 *
 * First value `lr`, last `end_lr`, reached at t = T. With `cycle`, T is replaced by T·⌈t/T⌉, so the rate jumps up
 * after each multiple of T, to less each time, and reaches `end_lr` at every multiple.
 *
 * @throws {RangeError} unless `lr` > 0, `end_lr` >= 0, `power` > 0 and `duration` >= 1.
 * @see torch.optim.lr_scheduler.PolynomialLR, keras.optimizers.schedules.PolynomialDecay
 */
export function polynomial(given: Given<typeof PARAMS>): Schedule {
  const { lr, end_lr, duration, power, cycle } = check("polynomial", PARAMS, given);
  return (t) => {
    const horizon = cycle ? duration * Math.max(1, Math.ceil(t / duration)) : duration;
    return t >= horizon ? end_lr : end_lr + (lr - end_lr) * (1 - t / horizon) ** power;
  };
}

/**
 * {@link polynomial} of power 1: η(t) = η₀ + (end − η₀)·t/T, `end` from T on.
 *
 * @throws {RangeError} unless `lr` > 0, `end_lr` >= 0 and `duration` >= 1.
 */
export function linear(given: Given<typeof LINEAR>): Schedule {
  return polynomial(check("linear", LINEAR, given));
}

export const polynomialEntry = entry({
  name: "polynomial",
  summary: "Falls from lr to end_lr as a power of the time left.",
  params: PARAMS,
  formula: "end + (η₀ − end)·(1 − t/T)^p",
  first: "lr",
  last: "end_lr, from T on",
  source: "torch PolynomialLR, Keras PolynomialDecay; Chen et al., 2016, arXiv:1606.00915",
  label: "polynomial {lr} → {end_lr} over {duration}, power {power}",
  sample: { name: "polynomial", lr: 0.1, end_lr: 0.001, power: 2, duration: "100%" },
  build: (values) => ({ lr: polynomial(values) }),
});

export const linearEntry = entry({
  name: "linear",
  summary: "Falls from lr to end_lr in a straight line.",
  params: LINEAR,
  formula: "η₀ + (end − η₀)·t/T",
  first: "lr",
  last: "end_lr, from T on",
  source: "torch LinearLR and PolynomialLR; Devlin et al., 2018, arXiv:1810.04805",
  label: "linear {lr} → {end_lr} over {duration}",
  sample: { name: "linear", lr: 0.1, duration: "100%" },
  build: (values) => ({ lr: linear(values) }),
});
