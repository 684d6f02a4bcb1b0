import { vanishesIf } from "./conditions.ts";
import { entry } from "./entry.ts";
import { timmNative } from "./frameworks/native.ts";
import { linearIn, real, type Style } from "./frameworks/python.ts";
import type { Given, Plain } from "./param_types.ts";
import { duration, number, rate, rateOrZero } from "./params.ts";
import type { Schedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  lr: rate("rate at the top of the curve"),
  eta_min: rateOrZero("rate at its foot, and from step `duration` on", 0),
  duration: duration("T, the length of the descent"),
  lower: number("L, the argument of tanh at the start", "1", {}, -7),
  upper: number("U, the argument of tanh at the end", "1", {}, 3),
};

/**
 * η(t) = min + (η₀ − min)·(1 − tanh(L·(1 − p) + U·p))/2 with p = t/T for t < T, `eta_min` from T on; t and
 * T = `duration` in steps, L = `lower`, U = `upper`.
 *
 * First value min + (η₀ − min)·(1 − tanh L)/2, which is `lr` but for 8e-7 of it with L = −7. Before T the curve has
 * come down to (1 − tanh U)/2 of its height, 0.25 % with U = 3; at T it drops to `eta_min`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { tanh } from "#schedules/tanh.ts";
 *
 * const rate = tanh({ lr: 1, duration: 100 });
 * assert.equal(rate(70).toFixed(12), "0.500000000000"); // −7 · 0.3 + 3 · 0.7 = 0
 * assert.ok(rate(0) > 0.999999);
 * assert.equal(rate(100), 0);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, 0 <= `eta_min` <= `lr`, `duration` >= 1 and `lower` < `upper`.
 * @see Hsueh, Li and Wu, 2018, arXiv:1806.01593 (HTD, with −6 and 3); timm's TanhLRScheduler
 */
export function tanh(given: Given<typeof PARAMS>): Schedule {
  const { lr, eta_min, duration, lower, upper } = check("tanh", PARAMS, given);
  if (eta_min > lr) throw new ParameterError("tanh", "eta_min", `at most lr, which is ${lr}`, eta_min);
  if (lower >= upper) throw new ParameterError("tanh", "lower", `below upper, which is ${upper}`, lower);
  return (t) => {
    if (t >= duration) return eta_min;
    const p = t / duration;
    return eta_min + (lr - eta_min) * (1 - Math.tanh(lower * (1 - p) + upper * p)) / 2;
  };
}

function body(
  { lr, eta_min, duration, lower, upper }: Plain<typeof PARAMS>,
  { call, where }: Style,
): string[] {
  const height = `(1 - ${call("tanh", `${real(lower)} * (1 - p) + ${real(upper)} * p`)}) / 2`;
  const curve = linearIn(eta_min, lr - eta_min, height);
  return [`p = t / ${duration}`, `return ${where(`t < ${duration}`, curve, real(eta_min))}`];
}

export default entry({
  name: "tanh",
  summary: "Falls from lr to eta_min along a hyperbolic tangent: late and steeply.",
  params: PARAMS,
  formula: "min + (η₀ − min)·(1 − tanh(L·(1 − t/T) + U·t/T))/2",
  first: "min + (η₀ − min)·(1 − tanh L)/2, close to lr",
  last: "eta_min, from T on",
  source: "Hsueh, Li and Wu, 2018, arXiv:1806.01593; timm TanhLRScheduler",
  label: "tanh {lr} → {eta_min} over {duration} from {lower} to {upper}",
  sample: { name: "tanh", lr: 0.1, eta_min: 1e-4, duration: "100%" },
  build: (values) => ({ lr: tanh(values) }),
  conditions: ({ eta_min }) => vanishesIf(eta_min === 0),
  exports: {
    body: (v, { style }) => body(v, style),
    natives: {
      timm: (v) => [
        timmNative(
          "TanhLRScheduler",
          { t_initial: v.duration, lb: v.lower, ub: v.upper, lr_min: v.eta_min },
          v.lr,
        ),
      ],
    },
  },
  lint: { rateKeys: ["lr", "eta_min"], end: ({ duration }) => ({ key: "duration", steps: duration }) },
});
