import { vanishesIf } from "./conditions.ts";
import { cosineBetween } from "./curves.ts";
import { entry } from "./entry.ts";
import type { Native, Ramp } from "./frameworks/exports.ts";
import {
  kerasNative,
  optaxNative,
  timmNative,
  torchNative,
  transformersNative,
} from "./frameworks/native.ts";
import { optaxCosine } from "./frameworks/optax.ts";
import type { Given, Plain } from "./param_types.ts";
import { duration, rate, rateOrZero } from "./params.ts";
import { halfCosine, py } from "./frameworks/python.ts";
import type { Schedule } from "./schedule.ts";
import { timmCosine } from "./frameworks/timm.ts";
import { afterRamp, countsWarmup, NO_RAMP, totals } from "./frameworks/transformers.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  lr: rate("rate of the first step"),
  eta_min: rateOrZero("rate from step `T_max` on", 0),
  T_max: duration("T, the length of the descent"),
};

/**
 * η(t) = min + (η₀ − min)·(1 + cos(πt/T))/2 for t < T, `eta_min` from T on; t and T = `T_max` in steps.
 *
 * First value `lr`, last `eta_min`, reached at t = T. torch's scheduler rises again past T; this one stays.
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
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, 0 <= `eta_min` <= `lr` and `T_max` >= 1.
 * @see Loshchilov and Hutter, 2016, arXiv:1608.03983; torch.optim.lr_scheduler.CosineAnnealingLR (closed form)
 */
export function cosine(given: Given<typeof PARAMS>): Schedule {
  const { lr, eta_min, T_max } = check("cosine", PARAMS, given);
  if (eta_min > lr) throw new ParameterError("cosine", "eta_min", `at most lr, which is ${lr}`, eta_min);
  return (t) => t >= T_max ? eta_min : cosineBetween(lr, eta_min, t / T_max);
}

/** optax's `decay_steps` counts the warmup too. */
function warmupCosineDecay({ lr, eta_min, T_max }: Plain<typeof PARAMS>, { steps, from }: Ramp): Native[] {
  const decay = T_max - steps;
  const rate: Schedule | null = decay <= 0
    ? null
    : (t) =>
      t < steps
        ? from + (lr - from) * t / steps
        : cosineBetween(lr, eta_min, Math.min(1, (t - steps) / decay));
  const values = {
    init_value: from,
    peak_value: lr,
    warmup_steps: steps,
    decay_steps: T_max,
    end_value: eta_min,
  };
  const why = "decay_steps counts the warmup too, so the cosine is shorter by it";
  return [optaxNative("warmup_cosine_decay_schedule", values, rate, why)];
}

function cosineWithWarmup({ lr, eta_min, T_max }: Plain<typeof PARAMS>, ramp: Pick<Ramp, "steps">): Native[] {
  const ratio = eta_min / lr;
  const why = [...countsWarmup(ramp), "the cosine rises again past its end"].join(", and ");
  return totals(T_max, ramp).map((num_training_steps) => {
    const steps = { num_warmup_steps: ramp.steps, num_training_steps };
    const length = num_training_steps - ramp.steps;
    const rate = afterRamp(
      lr,
      ramp,
      (t) => lr * (ratio + (1 - ratio) * (1 + Math.cos(Math.PI * t / length)) / 2),
    );
    return ratio === 0
      ? transformersNative("get_cosine_schedule_with_warmup", steps, lr, rate, why)
      : transformersNative(
        "get_cosine_with_min_lr_schedule_with_warmup",
        { ...steps, min_lr: eta_min },
        lr,
        rate,
        why,
      );
  });
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
  conditions: ({ eta_min }) => vanishesIf(eta_min === 0),
  exports: {
    body: ({ lr, eta_min, T_max }, { style }) => [
      `p = ${style.call("minimum", "t", py(T_max))} / ${T_max}`,
      `return ${halfCosine(lr, eta_min, "p", style)}`,
    ],
    optax: ({ lr, eta_min, T_max }) => optaxCosine(lr, eta_min, T_max),
    natives: {
      pytorch: ({ lr, eta_min, T_max }) => [
        torchNative(
          "CosineAnnealingLR",
          { T_max, eta_min },
          lr,
          (t) => eta_min + (lr - eta_min) * (1 + Math.cos(Math.PI * t / T_max)) / 2,
          "CosineAnnealingLR rises again past T_max",
        ),
      ],
      keras: ({ lr, eta_min, T_max }, { ours }) => [
        kerasNative(
          "CosineDecay",
          { initial_learning_rate: lr, decay_steps: T_max, alpha: eta_min / lr },
          ours,
        ),
      ],
      timm: ({ eta_min, T_max }, { ours }) => [
        timmNative("CosineLRScheduler", { t_initial: T_max, lr_min: eta_min }, ours),
      ],
      transformers: (v) => cosineWithWarmup(v, NO_RAMP),
    },
    warmedUp: {
      // Keras' decay_steps come after the warmup.
      keras: ({ lr, eta_min, T_max }, { steps, from, ours }) => [
        kerasNative("CosineDecay", {
          initial_learning_rate: from,
          decay_steps: T_max,
          alpha: eta_min / lr,
          warmup_target: lr,
          warmup_steps: steps,
        }, ours),
      ],
      optax: warmupCosineDecay,
      timm: ({ lr, eta_min, T_max }, ramp) => [timmCosine({ lr, eta_min, first: T_max }, ramp)],
      transformers: cosineWithWarmup,
    },
  },
  lint: { rateKeys: ["lr", "eta_min"], end: ({ T_max }) => ({ key: "T_max", steps: T_max }) },
});
