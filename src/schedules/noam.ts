import { ROOT } from "./conditions.ts";
import { entry } from "./entry.ts";
import type { Given } from "./param_types.ts";
import { duration, number } from "./params.ts";
import { real } from "./frameworks/python.ts";
import type { Schedule } from "./schedule.ts";
import { check } from "./values.ts";

const PARAMS = {
  d_model: number("d, the width of the model", "features", { min: 1, whole: true }),
  warmup: duration("w, the length of the rise"),
  factor: number("factor of the whole schedule", "factor", { above: 0 }, 1),
};

/**
 * η(t) = factor·d^−½·min(s^−½, s·w^−1.5) with s = t + 1; t and w = `warmup` in steps.
 *
 * First value factor·d^−½·w^−1.5, never 0; the peak factor·(d·w)^−½ is at t = w − 1; then it falls as 1/√s for ever.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { noam } from "#schedules/noam.ts";
 *
 * const rate = noam({ d_model: 64, warmup: 100 });
 * assert.equal(rate(99), 0.0125); // the peak: (64 · 100)^−½
 * assert.equal(rate(399), 0.00625); // 4 times as far, half the rate
 * ```
 *
 * @throws {RangeError} unless `d_model` is a whole number >= 1, `warmup` >= 1 and `factor` > 0.
 * @see Vaswani et al., 2017, arXiv:1706.03762, section 5.3
 */
export function noam(given: Given<typeof PARAMS>): Schedule {
  const { d_model, warmup, factor } = check("noam", PARAMS, given);
  const scale = factor * d_model ** -0.5;
  return (t) => scale * Math.min((t + 1) ** -0.5, (t + 1) * warmup ** -1.5);
}

export default entry({
  name: "noam",
  summary: "The schedule of the Transformer: a linear rise, then 1/√t, scaled by the width of the model.",
  params: PARAMS,
  formula: "factor·d^−½·min(s^−½, s·w^−1.5), s = t + 1",
  first: "factor·d^−½·w^−1.5",
  last: "falls as 1/√t for ever",
  source: "Vaswani et al., 2017, arXiv:1706.03762",
  label: "noam d = {d_model}, warmup {warmup}, × {factor}",
  sample: { name: "noam", d_model: 512, warmup: "20 steps" },
  build: (values) => ({ lr: noam(values) }),
  conditions: () => ROOT,
  exports: {
    body: ({ factor, d_model, warmup }, { style }) => [
      "s = t + 1.0",
      `return ${real(factor * d_model ** -0.5)} * ${
        style.call("minimum", "s ** -0.5", `s * ${warmup} ** -1.5`)
      }`,
    ],
  },
  lint: { warmupKey: "warmup" },
});
