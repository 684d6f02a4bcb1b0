import { vanishesIf } from "./conditions.ts";
import { entry } from "./entry.ts";
import { set } from "./finding.ts";
import type { Native } from "./frameworks/exports.ts";
import { fastaiFit, kerasNative, torchNative } from "./frameworks/native.ts";
import { optaxExponential } from "./frameworks/optax.ts";
import type { Given, Plain } from "./param_types.ts";
import { boolean, duration, factor, number, rate } from "./params.ts";
import { real } from "./frameworks/python.ts";
import type { RunShape, Schedule } from "./schedule.ts";
import { timmStep } from "./frameworks/timm.ts";
import { NO_RAMP } from "./frameworks/transformers.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  lr: rate("rate of the first step"),
  gamma: { ...factor("γ, the factor of the rate per `every`"), default: null },
  decay_rate: number("λ, the same decay as γ = e^(−λ)", "1", { min: 0 }, null),
  every: duration("s, the time in which the rate falls by γ", "1 epoch"),
  staircase: boolean(
    "whether the exponent is rounded down, so that the rate falls in steps, one per `every`",
    false,
  ),
};

/**
 * η(t) = η₀·γ^(t/s), or η₀·e^(−λt/s) with γ = e^(−λ); t and s = `every` in steps. `staircase` floors t/s.
 *
 * First value η₀; it falls for ever and underflows to 0 in the end. With γ > 1 the rate grows and saturates at the
 * largest double instead of becoming infinite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { exponential } from "#schedules/exponential.ts";
 *
 * const smooth = exponential({ lr: 1, gamma: 0.25, every: 10 });
 * assert.deepEqual([smooth(0), smooth(5), smooth(10)], [1, 0.5, 0.25]);
 * const stairs = exponential({ lr: 1, gamma: 0.25, every: 10, staircase: true });
 * assert.deepEqual([stairs(0), stairs(5), stairs(10)], [1, 1, 0.25]);
 * ```
 *
 * @throws {RangeError} unless exactly one of `gamma` > 0 and `decay_rate` >= 0 is given, `lr` > 0 and `every` >= 1.
 * @see torch.optim.lr_scheduler.ExponentialLR, keras.optimizers.schedules.ExponentialDecay
 */
export function exponential(given: Given<typeof PARAMS>): Schedule {
  const { lr, gamma, decay_rate, every, staircase } = check("exponential", PARAMS, given);
  if ((gamma === null) === (decay_rate === null)) {
    const value = gamma === null ? undefined : { gamma, decay_rate };
    throw new ParameterError("exponential", "gamma", "given alone or left out for decay_rate alone", value);
  }
  const at = (periods: number) => gamma === null ? Math.exp(-decay_rate! * periods) : gamma ** periods;
  return (t) => Math.min(lr * at(staircase ? Math.floor(t / every) : t / every), Number.MAX_VALUE);
}

const gammaOf = ({ gamma, decay_rate }: Pick<Plain<typeof PARAMS>, "gamma" | "decay_rate">): number =>
  gamma ?? Math.exp(-decay_rate!);

function exponentialLR(v: Plain<typeof PARAMS>): Native[] {
  const gamma = gammaOf(v);
  const literal = torchNative(
    "ExponentialLR",
    { gamma },
    v.lr,
    `ExponentialLR decays by gamma at every step, not every ${v.every}`,
  );
  const smooth = {
    ...literal,
    call: `ExponentialLR(optimizer, gamma=${real(gamma)} ** (1 / ${v.every}))`,
  };
  return [literal, v.staircase ? torchNative("StepLR", { step_size: v.every, gamma }, v.lr) : smooth];
}

/** fastai's SchedExp goes from the first to the last rate of the training. */
function fastaiExponential(v: Plain<typeof PARAMS>, shape: RunShape): Native {
  const last = v.lr * gammaOf(v) ** (shape.totalSteps / v.every);
  return fastaiFit(shape, { scheds: `SchedExp(${real(v.lr)}, ${real(last)})` });
}

export default entry({
  name: "exponential",
  summary: "Falls by the factor gamma (or e^−decay_rate) per `every`, smoothly or as a staircase.",
  params: PARAMS,
  exactlyOne: ["gamma", "decay_rate"],
  formula: "η₀·γ^(t/s), γ = e^(−λ)",
  first: "lr",
  last: "continues to fall",
  source: "torch ExponentialLR, Keras ExponentialDecay",
  label: "exponential {lr}[ × {gamma}][ × e^−{decay_rate}] every {every}",
  sample: { name: "exponential", lr: 0.1, gamma: 0.9, every: "1 epoch" },
  build: (values) => ({ lr: exponential(values) }),
  conditions: ({ gamma, decay_rate }) => vanishesIf(gamma !== null ? gamma < 1 : decay_rate! > 0),
  exports: {
    body: ({ lr, gamma, decay_rate, every, staircase }, { style }) => {
      const periods = staircase ? `(t // ${every})` : `(t / ${every})`;
      return gamma === null
        ? [`return ${real(lr)} * ${style.call("exp", `-${real(decay_rate!)} * ${periods}`)}`]
        : [`return ${real(lr)} * ${real(gamma)} ** ${periods}`];
    },
    optax: (v) => optaxExponential(v.lr, v.every, gammaOf(v), v.staircase),
    natives: {
      pytorch: exponentialLR,
      keras: (v) => [
        kerasNative("ExponentialDecay", {
          initial_learning_rate: v.lr,
          decay_steps: v.every,
          decay_rate: gammaOf(v),
          staircase: v.staircase,
        }),
      ],
      timm: (v) => v.staircase ? [timmStep(v.lr, v.every, gammaOf(v), NO_RAMP)] : [],
      fastai: (v, { shape }) => v.staircase ? [] : [fastaiExponential(v, shape)],
    },
  },
  lint: {
    factorKey: "gamma",
    drops: ({ staircase, every }) => staircase ? { key: "every", first: [every] } : null,
    slower: ({ values: { every }, length }) => [
      set({ gamma: Number((0.001 ** (every / length)).toPrecision(4)), decay_rate: undefined }),
      set({ gamma: Number((0.001 ** (every / length)).toPrecision(9)), decay_rate: undefined }),
    ],
  },
});
