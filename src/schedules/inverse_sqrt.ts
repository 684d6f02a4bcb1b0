import { ROOT } from "./conditions.ts";
import { entry } from "./entry.ts";
import { transformersNative } from "./frameworks/native.ts";
import type { Given, Plain } from "./param_types.ts";
import { duration, durationOrZero, rate } from "./params.ts";
import { real, type Style } from "./frameworks/python.ts";
import type { Schedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  lr: rate("rate at the end of the warmup"),
  warmup: durationOrZero("w, the length of the linear rise"),
  timescale: duration("τ, the time after which the fall sets in; w where left out", null),
};

/**
 * η(t) = η₀·t/w for t < w, then η₀·√(τ/(t − w + τ)); t, w = `warmup` and τ = `timescale` in steps. Without a
 * timescale τ = w, and the fall is η₀·√(w/t).
 *
 * First value 0 (`lr` without a warmup); `lr` at t = w, where both pieces meet; then it falls as 1/√t for ever. Its squares sum to a harmonic
 * series, so it does not meet Robbins and Monro's second condition.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { inverseSqrt } from "#schedules/inverse_sqrt.ts";
 *
 * const rate = inverseSqrt({ lr: 0.1, warmup: 100 });
 * assert.deepEqual([rate(0), rate(50), rate(100), rate(400)], [0, 0.05, 0.1, 0.05]);
 * const late = inverseSqrt({ lr: 0.1, warmup: 0, timescale: 1000 });
 * assert.deepEqual([late(0), late(3000)], [0.1, 0.05]);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, `warmup` >= 0 and `timescale` >= 1, and without both a warmup and a timescale.
 * @see transformers.get_inverse_sqrt_schedule; Zhai et al., 2021, arXiv:2106.04560 (timescale)
 */
export function inverseSqrt(given: Given<typeof PARAMS>): Schedule {
  const { lr, warmup, timescale } = check("inverse_sqrt", PARAMS, given);
  const scale = timescale ?? warmup;
  if (scale === 0) {
    throw new ParameterError("inverse_sqrt", "timescale", "given where warmup is 0", timescale);
  }
  return (t) => t < warmup ? lr * (t / warmup) : lr * Math.sqrt(scale / (t - warmup + scale));
}

function body({ lr, warmup, timescale }: Plain<typeof PARAMS>, style: Style): string[] {
  const scale = timescale ?? warmup;
  const shift = scale - warmup;
  const elapsed = shift === 0 ? "t" : `(t ${shift < 0 ? "-" : "+"} ${Math.abs(shift)})`;
  // Before the end of the warmup the time may be 0 or less.
  const time = style.eager ? style.call("maximum", elapsed, "1") : elapsed;
  const fall = `${real(lr)} * ${style.call("sqrt", `${scale} / ${time}`)}`;
  return [
    `return ${warmup === 0 ? fall : style.where(`t < ${warmup}`, `${real(lr)} * t / ${warmup}`, fall)}`,
  ];
}

export default entry({
  name: "inverse_sqrt",
  summary: "A linear rise, then 1/√t, at once or after a timescale.",
  params: PARAMS,
  formula: "η₀·t/w for t < w, then η₀·√(τ/(t − w + τ)), with τ = w",
  first: "0, or lr without warmup",
  last: "falls as 1/√t for ever",
  source: "Vaswani et al., 2017, arXiv:1706.03762; transformers get_inverse_sqrt_schedule",
  label: "inverse sqrt {lr}, warmup {warmup}[, timescale {timescale}]",
  sample: { name: "inverse_sqrt", lr: 0.001, warmup: "10%" },
  build: (values) => ({ lr: inverseSqrt(values) }),
  conditions: () => ROOT,
  exports: {
    body: (v, { style }) => body(v, style),
    natives: {
      transformers: (v) => {
        const { lr, warmup, timescale } = v;
        const steps = { num_warmup_steps: warmup, ...(timescale === null ? {} : { timescale }) };
        return [transformersNative("get_inverse_sqrt_schedule", steps, lr)];
      },
    },
  },
  lint: {
    warmupKey: "warmup",
    positiveStart: ({ spec }) => {
      const { update, ...own } = spec;
      const then = { ...own, warmup: "0 steps", timescale: spec.timescale ?? spec.warmup };
      return [{
        kind: "replace",
        schedule: {
          name: "warmup",
          duration: spec.warmup,
          skip_zero: true,
          then,
          ...(update !== undefined && { update }),
        },
      }];
    },
  },
});
