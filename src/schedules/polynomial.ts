import { vanishesIf } from "./conditions.ts";
import { entry } from "./entry.ts";
import type { FormulaWriter, Native, Ramp } from "./frameworks/exports.ts";
import { fastaiFit, kerasNative, torchNative, transformersNative } from "./frameworks/native.ts";
import type { Given, Plain } from "./param_types.ts";
import { boolean, duration, factor, number, rate, rateOrZero } from "./params.ts";
import { kwargs, linearIn, py, real } from "./frameworks/python.ts";
import type { RunShape, Schedule } from "./schedule.ts";
import { timmUnderWarmup } from "./frameworks/timm.ts";
import { countsWarmup, NO_RAMP, totals } from "./frameworks/transformers.ts";
import { check } from "./values.ts";

const PARAMS = {
  lr: rate("rate of the first step"),
  end_lr: rateOrZero("rate from step `duration` on", 0),
  duration: duration("T, the length of the descent"),
  power: number("p: 1 is linear, 2 quadratic, 0.5 the square root", "1", { above: 0 }, 1),
  k_decay: factor("k, the power of the time: above 1 the rate falls later, as in timm", 1),
  cycle: boolean("whether T moves to the next multiple of itself instead of ending, as in Keras", false),
};

/**
 * η(t) = end + (η₀ − end)·(1 − (t/T)^k)^p for t < T, `end` from T on; t and T = `duration` in steps, k = `k_decay`.
 *
 * First value `lr`, last `end_lr`, reached at t = T. With `cycle`, T is replaced by T·⌈t/T⌉, so the rate jumps up
 * after each multiple of T, to less each time, and reaches `end_lr` at every multiple.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { polynomial } from "#schedules/polynomial.ts";
 *
 * const rate = polynomial({ lr: 1, power: 2, duration: 10 });
 * assert.deepEqual([rate(0), rate(5), rate(10), rate(1000)], [1, 0.25, 0, 0]);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, `end_lr` >= 0, `power` > 0, `k_decay` > 0 and `duration` >= 1.
 * @see torch.optim.lr_scheduler.PolynomialLR, keras.optimizers.schedules.PolynomialDecay
 * @see Zhang and Li, 2020, arXiv:2004.05909 (k-decay)
 */
export function polynomial(given: Given<typeof PARAMS>): Schedule {
  const { lr, end_lr, duration, power, k_decay, cycle } = check("polynomial", PARAMS, given);
  return (t) => {
    const horizon = cycle ? duration * Math.max(1, Math.ceil(t / duration)) : duration;
    return t >= horizon ? end_lr : end_lr + (lr - end_lr) * (1 - (t / horizon) ** k_decay) ** power;
  };
}

export function polynomialBody(
  { lr, end_lr, duration, power, k_decay, cycle }: Plain<typeof PARAMS>,
  { style: { call } }: FormulaWriter,
): string[] {
  const exponent = power === 1 ? "" : ` ** ${py(power)}`;
  const left = k_decay === 1 ? "(1 - p)" : `(1 - p ** ${py(k_decay)})`;
  const line = `return ${linearIn(end_lr, lr - end_lr, `${left}${exponent}`)}`;
  if (!cycle) return [`p = ${call("minimum", "t", py(duration))} / ${duration}`, line];
  const periods = call("maximum", "1", call("ceil", `t / ${duration}`));
  return [`p = t / (${duration} * ${periods})`, line];
}

export const polynomialDecay = (v: Plain<typeof PARAMS>): Native =>
  kerasNative("PolynomialDecay", {
    initial_learning_rate: v.lr,
    decay_steps: v.duration,
    end_learning_rate: v.end_lr,
    power: v.power,
    ...(v.cycle ? { cycle: true } : {}),
  });

export function polynomialWithWarmup(
  v: Plain<typeof PARAMS>,
  ramp: Pick<Ramp, "steps">,
): Native[] {
  if (v.k_decay !== 1) return [];
  return totals(v.duration, ramp).map((num_training_steps) => {
    const steps = { num_warmup_steps: ramp.steps, num_training_steps };
    const refusal = v.cycle
      ? "transformers has no cycles here"
      : v.end_lr >= v.lr
      ? "transformers only decays"
      : null;
    const why = refusal ?? countsWarmup(ramp).join();
    return refusal === null && v.power === 1 && v.end_lr === 0
      ? transformersNative("get_linear_schedule_with_warmup", steps, v.lr, why)
      : transformersNative(
        "get_polynomial_decay_schedule_with_warmup",
        { ...steps, lr_end: v.end_lr, power: v.power },
        v.lr,
        why,
      );
  });
}

/** timm's curve goes on under its warmup, unless an argument says otherwise. */
export function timmPolynomial(v: Plain<typeof PARAMS>, ramp: Pick<Ramp, "steps" | "from">): Native[] {
  if (v.cycle) return [];
  const values = {
    t_initial: v.duration,
    power: v.power,
    lr_min: v.end_lr,
    ...(v.k_decay === 1 ? {} : { k_decay: v.k_decay }),
  };
  return timmUnderWarmup("PolyLRScheduler", values, v.lr, ramp, []);
}

function fastaiPolynomial(v: Plain<typeof PARAMS>, shape: RunShape): Native {
  const scheds = `SchedPoly(${real(v.lr)}, ${real(v.end_lr)}, ${real(v.power)})`;
  return fastaiFit(
    shape,
    { scheds },
    "SchedPoly takes the power of the time that has passed, not of what is left",
  );
}

export default entry({
  name: "polynomial",
  summary: "Falls from lr to end_lr as a power of the time left.",
  params: PARAMS,
  formula: "end + (η₀ − end)·(1 − (t/T)^k)^p, with k = 1",
  first: "lr",
  last: "end_lr, from T on",
  source: "torch PolynomialLR, Keras PolynomialDecay; Chen et al., 2016, arXiv:1606.00915",
  label: "polynomial {lr} → {end_lr} over {duration}, power {power}[, k-decay {k_decay}]",
  sample: { name: "polynomial", lr: 0.1, end_lr: 0.001, power: 2, duration: "100%" },
  build: (values) => ({ lr: polynomial(values) }),
  conditions: ({ end_lr, cycle }) => cycle ? null : vanishesIf(end_lr === 0),
  exports: {
    body: polynomialBody,
    optax: (v) =>
      v.cycle || v.k_decay !== 1
        ? null
        : `optax.polynomial_schedule(${
          kwargs({ init_value: v.lr, end_value: v.end_lr, power: v.power, transition_steps: v.duration })
        })`,
    natives: {
      pytorch: ({ lr, duration, power, k_decay, cycle }) => {
        if (k_decay !== 1) return [];
        const why = cycle ? "PolynomialLR has no cycles" : "PolynomialLR always ends at 0";
        return [torchNative("PolynomialLR", { total_iters: duration, power }, lr, why)];
      },
      keras: (v) => v.k_decay === 1 ? [polynomialDecay(v)] : [],
      timm: (v) => timmPolynomial(v, NO_RAMP),
      fastai: (v, { shape }) => v.cycle || v.k_decay !== 1 ? [] : [fastaiPolynomial(v, shape)],
      transformers: (v) => polynomialWithWarmup(v, NO_RAMP),
    },
    warmedUp: { timm: timmPolynomial, transformers: polynomialWithWarmup },
  },
  lint: {
    rateKeys: ["lr", "end_lr"],
    end: ({ duration, cycle }) => cycle ? null : { key: "duration", steps: duration },
  },
});
