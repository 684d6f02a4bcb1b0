import { vanishesIf } from "./conditions.ts";
import { cosineBetween } from "./curves.ts";
import { entry } from "./entry.ts";
import type { Native, Ramp } from "./frameworks/exports.ts";
import {
  deepspeedNative,
  fastaiThenFlat,
  kerasNative,
  optaxNative,
  torchNative,
  transformersNative,
  ultralyticsNative,
} from "./frameworks/native.ts";
import { optaxCosine } from "./frameworks/optax.ts";
import type { Given, Plain } from "./param_types.ts";
import { duration, factor, number, rate, rateOrZero } from "./params.ts";
import { halfCosine, linearIn, py, real, type Style } from "./frameworks/python.ts";
import type { Schedule } from "./schedule.ts";
import { timmCosine } from "./frameworks/timm.ts";
import { countsWarmup, NO_RAMP, totals } from "./frameworks/transformers.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  lr: rate("rate of the first step"),
  eta_min: rateOrZero("rate at the foot of the cosine", 0),
  T_max: duration("T, the length of the descent"),
  num_cycles: number("n, waves within T: 0.5 is one descent, 1 a descent and a rise", "waves", {
    above: 0,
  }, 0.5),
  exponent: factor("e, the power of the wave, as in optax", 1),
  k_decay: factor("k, the power of the time: above 1 the rate falls later, as in timm", 1),
};

/**
 * η(t) = min + (η₀ − min)·w^e with the wave w = (1 + cos(2πn·p))/2 and p = (t/T)^k for t < T, 1 from T on; t and
 * T = `T_max` in steps, n = `num_cycles`, e = `exponent`, k = `k_decay`. With the defaults of these three it is
 * min + (η₀ − min)·(1 + cos(πt/T))/2.
 *
 * First value `lr`, last the one of T, which is `eta_min` for n = 0.5, 1.5, … torch's scheduler rises again past T;
 * this one stays.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cosine } from "#schedules/cosine.ts";
 *
 * const rate = cosine({ lr: 0.1, eta_min: 0.001, T_max: 90 });
 * assert.equal(rate(0), 0.1);
 * assert.equal(rate(45).toFixed(4), "0.0505");
 * assert.deepEqual([rate(90), rate(1000)], [0.001, 0.001]);
 * const wave = cosine({ lr: 0.1, T_max: 90, num_cycles: 1 });
 * assert.deepEqual([wave(45), wave(90), wave(1000)], [0, 0.1, 0.1]);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, 0 <= `eta_min` <= `lr`, `T_max` >= 1, and `num_cycles`, `exponent` and
 * `k_decay` are > 0.
 * @see Loshchilov and Hutter, 2016, arXiv:1608.03983; torch.optim.lr_scheduler.CosineAnnealingLR (closed form)
 * @see Zhang and Li, 2020, arXiv:2004.05909 (k-decay)
 */
export function cosine(given: Given<typeof PARAMS>): Schedule {
  const { lr, eta_min, T_max, num_cycles, exponent, k_decay } = check("cosine", PARAMS, given);
  if (eta_min > lr) throw new ParameterError("cosine", "eta_min", `at most lr, which is ${lr}`, eta_min);
  if (num_cycles === 0.5 && exponent === 1) {
    return (t) => t >= T_max ? eta_min : cosineBetween(lr, eta_min, (t / T_max) ** k_decay);
  }
  const wave = (p: number) => (1 + Math.cos(2 * Math.PI * num_cycles * p)) / 2;
  return (t) => eta_min + (lr - eta_min) * wave(Math.min(1, t / T_max) ** k_decay) ** exponent;
}

type Cosine = Plain<typeof PARAMS>;

/** `calls` for the half cosine over time that every library has, none for the others. */
const ofPlain = <T>({ num_cycles, exponent, k_decay }: Cosine, calls: T[]): T[] =>
  num_cycles === 0.5 && exponent === 1 && k_decay === 1 ? calls : [];

function body({ lr, eta_min, T_max, num_cycles, exponent, k_decay }: Cosine, style: Style): string[] {
  const elapsed = `${style.call("minimum", "t", py(T_max))} / ${T_max}`;
  const p = `p = ${k_decay === 1 ? elapsed : `(${elapsed}) ** ${py(k_decay)}`}`;
  if (num_cycles === 0.5 && exponent === 1) return [p, `return ${halfCosine(lr, eta_min, "p", style)}`];
  const wave = `((1 + ${style.call("cos", `math.pi * ${py(2 * num_cycles)} * p`)}) / 2)`;
  return [p, `return ${linearIn(eta_min, lr - eta_min, `${wave} ** ${py(exponent)}`)}`];
}

/** optax's `decay_steps` counts the warmup too. */
function warmupCosineDecay({ lr, eta_min, T_max }: Cosine, { steps, from }: Ramp): Native[] {
  const values = {
    init_value: from,
    peak_value: lr,
    warmup_steps: steps,
    decay_steps: T_max,
    end_value: eta_min,
  };
  const why = "decay_steps counts the warmup too, so the cosine is shorter by it";
  return [optaxNative("warmup_cosine_decay_schedule", values, why)];
}

function cosineWithWarmup(
  { lr, eta_min, T_max, num_cycles, exponent, k_decay }: Cosine,
  ramp: Pick<Ramp, "steps">,
): Native[] {
  if (exponent !== 1 || k_decay !== 1) return [];
  const waves = num_cycles === 0.5 ? {} : { num_cycles };
  const ratio = eta_min / lr;
  const why = [...countsWarmup(ramp), "the cosine rises again past its end"].join(", and ");
  return totals(T_max, ramp).map((num_training_steps) => {
    const steps = { num_warmup_steps: ramp.steps, num_training_steps, ...waves };
    return ratio === 0
      ? transformersNative("get_cosine_schedule_with_warmup", steps, lr, why)
      : transformersNative(
        "get_cosine_with_min_lr_schedule_with_warmup",
        { ...steps, min_lr: eta_min },
        lr,
        why,
      );
  });
}

const cosineAnnealing = ({ lr, eta_min, T_max }: Cosine): Native =>
  torchNative(
    "CosineAnnealingLR",
    { T_max, eta_min },
    lr,
    "CosineAnnealingLR rises again past T_max",
  );

function warmupCosineLR({ lr, eta_min, T_max }: Cosine, { steps, from }: Ramp): Native {
  const values = {
    total_num_steps: steps + T_max,
    warmup_min_ratio: from / lr,
    warmup_num_steps: steps,
    cos_min_ratio: eta_min / lr,
    warmup_type: "linear",
  };
  const why = "WarmupCosineLR is 0 at the first step, and its warmup is one step behind";
  return deepspeedNative("WarmupCosineLR", values, lr, why);
}

const descent = ({ lr, eta_min, T_max, k_decay }: Cosine) => ({ lr, eta_min, first: T_max, k_decay });

export default entry({
  name: "cosine",
  summary:
    "Falls from lr to eta_min along half a cosine, and stays there; with num_cycles along several waves.",
  params: PARAMS,
  formula: "min + (η₀ − min)·((1 + cos(2πn·(t/T)^k))/2)^e, with n = 0.5 and k = e = 1",
  first: "lr",
  last: "that of T, which is eta_min for n = 0.5",
  source:
    "Loshchilov and Hutter, 2016, arXiv:1608.03983; torch CosineAnnealingLR, Keras CosineDecay, transformers " +
    "get_cosine_with_min_lr_schedule_with_warmup (num_cycles), optax cosine_decay_schedule (exponent), timm " +
    "CosineLRScheduler (k_decay)",
  label:
    "cosine {lr} → {eta_min} over {T_max}[ in {num_cycles} waves][, exponent {exponent}][, k-decay {k_decay}]",
  sample: { name: "cosine", lr: 0.1, eta_min: 1e-6, T_max: "100%" },
  build: (values) => ({ lr: cosine(values) }),
  conditions: ({ eta_min, num_cycles }) => vanishesIf(eta_min === 0 && num_cycles % 1 === 0.5),
  exports: {
    body: (v, { style }) => body(v, style),
    optax: (v) =>
      v.num_cycles === 0.5 && v.k_decay === 1 ? optaxCosine(v.lr, v.eta_min, v.T_max, v.exponent) : null,
    natives: {
      pytorch: (v) => ofPlain(v, [cosineAnnealing(v)]),
      keras: (v) =>
        ofPlain(v, [
          kerasNative(
            "CosineDecay",
            { initial_learning_rate: v.lr, decay_steps: v.T_max, alpha: v.eta_min / v.lr },
          ),
        ]),
      timm: (v) => v.num_cycles === 0.5 && v.exponent === 1 ? timmCosine(descent(v), NO_RAMP) : [],
      fastai: (v, { shape }) =>
        ofPlain(v, [
          fastaiThenFlat(shape, v.T_max, v.eta_min, `SchedCos(${real(v.lr)}, ${real(v.eta_min)})`),
        ]),
      ultralytics: (v, { shape }) =>
        ofPlain(v, [
          ultralyticsNative(shape, { duration: v.T_max, lr: v.lr, end: v.eta_min, cosine: true }),
        ]),
      transformers: (v) => cosineWithWarmup(v, NO_RAMP),
    },
    warmedUp: {
      // Keras' decay_steps come after the warmup.
      keras: (v, { steps, from }) =>
        ofPlain(v, [
          kerasNative("CosineDecay", {
            initial_learning_rate: from,
            decay_steps: v.T_max,
            alpha: v.eta_min / v.lr,
            warmup_target: v.lr,
            warmup_steps: steps,
          }),
        ]),
      optax: (v, ramp) => ofPlain(v, warmupCosineDecay(v, ramp)),
      timm: (v, ramp) => v.num_cycles === 0.5 && v.exponent === 1 ? timmCosine(descent(v), ramp) : [],
      deepspeed: (v, ramp) => ofPlain(v, [warmupCosineLR(v, ramp)]),
      transformers: cosineWithWarmup,
    },
  },
  lint: { rateKeys: ["lr", "eta_min"], end: ({ T_max }) => ({ key: "T_max", steps: T_max }) },
});
