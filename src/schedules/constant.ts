import { vanishesIf } from "./conditions.ts";
import { entry } from "./entry.ts";
import { torchNative, transformersNative } from "./frameworks/native.ts";
import type { Given } from "./param_types.ts";
import { rateOrZero } from "./params.ts";
import { py } from "./frameworks/python.ts";
import type { Schedule } from "./schedule.ts";
import { check } from "./values.ts";

const PARAMS = { lr: rateOrZero("rate of every step") };

/**
 * The same rate for every step: η(t) = η₀.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { constant } from "#schedules/constant.ts";
 *
 * const rate = constant({ lr: 0.05 });
 * assert.deepEqual([rate(0), rate(1000)], [0.05, 0.05]);
 * ```
 *
 * @throws {RangeError} unless `lr` >= 0.
 */
export function constant(given: Given<typeof PARAMS>): Schedule {
  const { lr } = check("constant", PARAMS, given);
  return () => lr;
}

export default entry({
  name: "constant",
  summary: "The same rate for every step.",
  params: PARAMS,
  formula: "η₀",
  first: "lr",
  last: "lr",
  source: "Robbins and Monro, 1951 (the baseline that their second condition rejects)",
  label: "constant {lr}",
  sample: { name: "constant", lr: 0.05 },
  build: (values) => ({ lr: constant(values) }),
  conditions: ({ lr }) => vanishesIf(lr === 0),
  exports: {
    body: ({ lr }) => [`return ${py(lr)}`],
    optax: ({ lr }) => `optax.constant_schedule(${py(lr)})`,
    kerasValue: ({ lr }) => lr,
    natives: {
      pytorch: ({ lr }, { ours }) => [torchNative("ConstantLR", { factor: 1.0, total_iters: 1 }, lr, ours)],
      transformers: ({ lr }, { ours }) => [transformersNative("get_constant_schedule", {}, lr, ours)],
    },
    warmedUp: {
      transformers: ({ lr }, { steps, ours }) => [
        steps > 0
          ? transformersNative("get_constant_schedule_with_warmup", { num_warmup_steps: steps }, lr, ours)
          : transformersNative("get_constant_schedule", {}, lr, ours),
      ],
    },
  },
});
