import { vanishesIf } from "./conditions.ts";
import { entry } from "./entry.ts";
import { deepspeedNative, fastaiThenFlat, torchNative, ultralyticsNative } from "./frameworks/native.ts";
import { optaxLine } from "./frameworks/optax.ts";
import type { Given, Plain } from "./param_types.ts";
import { duration, rate, rateOrZero } from "./params.ts";
import {
  polynomial,
  polynomialBody,
  polynomialDecay,
  polynomialWithWarmup,
  timmPolynomial,
} from "./polynomial.ts";
import type { Schedule } from "./schedule.ts";
import { ONE_BEHIND, warmupOf } from "./frameworks/deepspeed.ts";
import { real } from "./frameworks/python.ts";
import { NO_RAMP } from "./frameworks/transformers.ts";
import { check } from "./values.ts";

const PARAMS = {
  lr: rate("rate of the first step"),
  end_lr: rateOrZero("rate from step `duration` on", 0),
  duration: duration("T, the length of the descent"),
};

/**
 * {@link polynomial} of power 1: η(t) = η₀ + (end − η₀)·t/T, `end` from T on.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { linear } from "#schedules/linear.ts";
 *
 * const rate = linear({ lr: 1, end_lr: 0.5, duration: 10 });
 * assert.deepEqual([rate(0), rate(5), rate(10), rate(1000)], [1, 0.75, 0.5, 0.5]);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, `end_lr` >= 0 and `duration` >= 1.
 */
export function linear(given: Given<typeof PARAMS>): Schedule {
  return polynomial(check("linear", PARAMS, given));
}

const asPolynomial = (v: Plain<typeof PARAMS>) => ({ ...v, power: 1, k_decay: 1, cycle: false });

export default entry({
  name: "linear",
  summary: "Falls from lr to end_lr in a straight line.",
  params: PARAMS,
  formula: "η₀ + (end − η₀)·t/T",
  first: "lr",
  last: "end_lr, from T on",
  source: "torch LinearLR and PolynomialLR; Devlin et al., 2018, arXiv:1810.04805",
  label: "linear {lr} → {end_lr} over {duration}",
  sample: { name: "linear", lr: 0.1, duration: "100%" },
  build: (values) => ({ lr: linear(values) }),
  conditions: ({ end_lr }) => vanishesIf(end_lr === 0),
  exports: {
    body: (v, writer) => polynomialBody(asPolynomial(v), writer),
    optax: ({ lr, end_lr, duration }) => optaxLine(lr, end_lr, duration),
    natives: {
      pytorch: ({ lr, end_lr, duration }) => {
        const [start, end, base] = end_lr > lr ? [lr / end_lr, 1, end_lr] : [1, end_lr / lr, lr];
        const factors = { start_factor: start, end_factor: end, total_iters: duration };
        return [torchNative("LinearLR", factors, base)];
      },
      keras: (v) => [polynomialDecay(asPolynomial(v))],
      timm: (v) => timmPolynomial(asPolynomial(v), NO_RAMP),
      fastai: ({ lr, end_lr, duration }, { shape }) => [
        fastaiThenFlat(shape, duration, end_lr, `SchedLin(${real(lr)}, ${real(end_lr)})`),
      ],
      ultralytics: ({ lr, end_lr, duration }, { shape }) => [
        ultralyticsNative(shape, { duration, lr, end: end_lr, cosine: false }),
      ],
      transformers: (v) => polynomialWithWarmup(asPolynomial(v), NO_RAMP),
    },
    warmedUp: {
      deepspeed: ({ lr, end_lr, duration }, ramp) =>
        end_lr !== 0 ? [] : [deepspeedNative(
          "WarmupDecayLR",
          { total_num_steps: ramp.steps + duration, ...warmupOf(ramp, lr) },
          lr,
          ONE_BEHIND,
        )],
      timm: (v, ramp) => timmPolynomial(asPolynomial(v), ramp),
      transformers: (v, ramp) => polynomialWithWarmup(asPolynomial(v), ramp),
    },
  },
  lint: { rateKeys: ["lr", "end_lr"], end: ({ duration }) => ({ key: "duration", steps: duration }) },
});
