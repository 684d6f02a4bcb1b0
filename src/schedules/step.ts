import { vanishesIf } from "./conditions.ts";
import { entry } from "./entry.ts";
import { kerasNative, torchNative } from "./frameworks/native.ts";
import { optaxExponential } from "./frameworks/optax.ts";
import type { Given } from "./param_types.ts";
import { duration, factor, rate } from "./params.ts";
import { real } from "./frameworks/python.ts";
import type { Schedule } from "./schedule.ts";
import { timmStep } from "./frameworks/timm.ts";
import { NO_RAMP } from "./frameworks/transformers.ts";
import { check } from "./values.ts";

const PARAMS = {
  lr: rate("rate of the first `step_size` steps"),
  step_size: duration("steps between two drops"),
  gamma: factor("factor of each drop", 0.1),
};

/**
 * η(t) = η₀·γ^⌊t/s⌋, with t and s = `step_size` in steps.
 *
 * First value η₀; the drop is active at t = s, 2s, …; past the end it continues to fall.
 * With γ > 1 the rate grows and saturates at the largest double instead of becoming infinite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { step } from "#schedules/step.ts";
 *
 * const rate = step({ lr: 0.1, step_size: 10, gamma: 0.5 });
 * assert.deepEqual([rate(0), rate(9), rate(10), rate(20)], [0.1, 0.1, 0.05, 0.025]);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, `step_size` >= 1 and `gamma` > 0.
 * @see torch.optim.lr_scheduler.StepLR
 */
export function step(given: Given<typeof PARAMS>): Schedule {
  const { lr, step_size, gamma } = check("step", PARAMS, given);
  return (t) => Math.min(lr * gamma ** Math.floor(t / step_size), Number.MAX_VALUE);
}

export default entry({
  name: "step",
  summary: "Multiplies the rate by gamma every step_size.",
  params: PARAMS,
  formula: "η₀·γ^⌊t/s⌋",
  first: "lr",
  last: "continues to fall",
  source: "torch StepLR; He et al., 2015, arXiv:1512.03385",
  label: "step {lr} × {gamma} every {step_size}",
  sample: { name: "step", lr: 0.1, step_size: "3 epochs", gamma: 0.1 },
  build: (values) => ({ lr: step(values) }),
  conditions: ({ gamma }) => vanishesIf(gamma < 1),
  exports: {
    body: ({ lr, gamma, step_size }) => [`return ${real(lr)} * ${real(gamma)} ** (t // ${step_size})`],
    optax: ({ lr, step_size, gamma }) => optaxExponential(lr, step_size, gamma, true),
    natives: {
      pytorch: ({ lr, ...v }) => [torchNative("StepLR", v, lr)],
      keras: ({ lr, step_size, gamma }) => [
        kerasNative("ExponentialDecay", {
          initial_learning_rate: lr,
          decay_steps: step_size,
          decay_rate: gamma,
          staircase: true,
        }),
      ],
      timm: ({ lr, step_size, gamma }) => [timmStep(lr, step_size, gamma, NO_RAMP)],
    },
    warmedUp: { timm: ({ lr, step_size, gamma }, ramp) => [timmStep(lr, step_size, gamma, ramp)] },
  },
  lint: { factorKey: "gamma", drops: ({ step_size }) => ({ key: "step_size", first: [step_size] }) },
});
