import { vanishesIf } from "./conditions.ts";
import { entry } from "./entry.ts";
import {
  deepspeedNative,
  fastaiFit,
  timmNative,
  torchNative,
  transformersNative,
} from "./frameworks/native.ts";
import { warmupOf } from "./frameworks/deepspeed.ts";
import type { Given } from "./param_types.ts";
import { rateOrZero } from "./params.ts";
import { real } from "./frameworks/python.ts";
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
    body: ({ lr }) => [`return ${real(lr)}`],
    optax: ({ lr }) => `optax.constant_schedule(${real(lr)})`,
    natives: {
      pytorch: ({ lr }) => [torchNative("ConstantLR", { factor: 1.0, total_iters: 1 }, lr)],
      keras: ({ lr }) => [{ call: real(lr), imports: ["import keras"], why: "" }],
      timm: ({ lr }) => [timmNative("StepLRScheduler", { decay_t: 1, decay_rate: 1 }, lr)],
      fastai: ({ lr }, { shape }) => [fastaiFit(shape, { lr })],
      transformers: ({ lr }) => [transformersNative("get_constant_schedule", {}, lr)],
    },
    warmedUp: {
      deepspeed: ({ lr }, ramp) => [deepspeedNative("WarmupLR", warmupOf(ramp, lr), lr)],
      transformers: ({ lr }, { steps }) => [
        steps > 0
          ? transformersNative("get_constant_schedule_with_warmup", { num_warmup_steps: steps }, lr)
          : transformersNative("get_constant_schedule", {}, lr),
      ],
    },
  },
});
