import { ROOT } from "./conditions.ts";
import { entry } from "./entry.ts";
import { transformersNative } from "./frameworks/native.ts";
import type { Given } from "./param_types.ts";
import { duration, rate } from "./params.ts";
import { py } from "./frameworks/python.ts";
import type { Schedule } from "./schedule.ts";
import { check } from "./values.ts";

const PARAMS = {
  lr: rate("rate at the end of the warmup"),
  warmup: duration("w, the length of the linear rise"),
};

/**
 * η(t) = η₀·t/w for t < w, then η₀·√(w/t); t and w = `warmup` in steps.
 *
 * First value 0; `lr` at t = w, where both pieces meet; then it falls as 1/√t for ever. Its squares sum to a harmonic
 * series, so it does not meet Robbins and Monro's second condition.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { inverseSqrt } from "#schedules/inverse_sqrt.ts";
 *
 * const rate = inverseSqrt({ lr: 0.1, warmup: 100 });
 * assert.deepEqual([rate(0), rate(50), rate(100), rate(400)], [0, 0.05, 0.1, 0.05]);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0 and `warmup` >= 1.
 * @see transformers.get_inverse_sqrt_schedule (with its timescale at its default, w)
 */
export function inverseSqrt(given: Given<typeof PARAMS>): Schedule {
  const { lr, warmup } = check("inverse_sqrt", PARAMS, given);
  return (t) => t < warmup ? lr * (t / warmup) : lr * Math.sqrt(warmup / t);
}

export default entry({
  name: "inverse_sqrt",
  summary: "A linear rise, then 1/√t.",
  params: PARAMS,
  formula: "η₀·t/w for t < w, then η₀·√(w/t)",
  first: "0",
  last: "falls as 1/√t for ever",
  source: "Vaswani et al., 2017, arXiv:1706.03762; transformers get_inverse_sqrt_schedule",
  label: "inverse sqrt {lr}, warmup {warmup}",
  sample: { name: "inverse_sqrt", lr: 0.001, warmup: "10%" },
  build: (values) => ({ lr: inverseSqrt(values) }),
  conditions: () => ROOT,
  exports: {
    body: ({ lr, warmup }, { style }) => {
      const root = style.call(
        "sqrt",
        `${warmup} / ${style.eager ? style.call("maximum", "t", "1") : "t"}`,
      );
      return [`return ${style.where(`t < ${warmup}`, `${py(lr)} * t / ${warmup}`, `${py(lr)} * ${root}`)}`];
    },
    natives: {
      transformers: ({ lr, warmup }, { ours }) => [
        transformersNative("get_inverse_sqrt_schedule", { num_warmup_steps: warmup }, lr, ours),
      ],
    },
  },
  lint: { warmupKey: "warmup" },
});
