import { STAYS } from "./conditions.ts";
import { entry } from "./entry.ts";
import type { FormulaWriter, Native, Ramp } from "./frameworks/exports.ts";
import { kerasNative, timmNative, torchNative } from "./frameworks/native.ts";
import type { Given, Plain } from "./param_types.ts";
import { durations, factor, rate } from "./params.ts";
import { real } from "./frameworks/python.ts";
import type { Schedule } from "./schedule.ts";
import { timmWarmup } from "./frameworks/timm.ts";
import { NO_RAMP } from "./frameworks/transformers.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  lr: rate("rate before the first milestone"),
  milestones: durations("steps at which the rate drops, in order; one listed twice counts twice"),
  gamma: factor("factor of each drop", 0.1),
};

/**
 * η(t) = η₀·γ^#{m ≤ t} over the milestones m, in steps.
 *
 * First value η₀; the step at t = m already has the lower rate, as in torch. (Keras' piecewise constant switches
 * one step later, timm one earlier.) Past the last milestone the rate stays.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { multistep } from "#schedules/multistep.ts";
 *
 * const rate = multistep({ lr: 1, milestones: [30, 60], gamma: 0.5 });
 * assert.deepEqual([rate(29), rate(30), rate(60), rate(1000)], [1, 0.5, 0.25, 0.25]);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, `gamma` > 0 and the milestones are >= 1 and in ascending order.
 * @see torch.optim.lr_scheduler.MultiStepLR
 */
export function multistep(given: Given<typeof PARAMS>): Schedule {
  const { lr, milestones, gamma } = check("multistep", PARAMS, given);
  if (milestones.some((milestone, index) => milestone < (milestones[index - 1] ?? 0))) {
    throw new ParameterError("multistep", "milestones", "in ascending order", milestones);
  }
  const rates = [0, ...milestones].map((_, passed) => Math.min(lr * gamma ** passed, Number.MAX_VALUE));
  return (t) => {
    let passed = 0;
    while (passed < milestones.length && milestones[passed]! <= t) passed++;
    return rates[passed]!;
  };
}

function pieces({ lr, milestones, gamma }: Plain<typeof PARAMS>, { style }: FormulaWriter): string[] {
  const rates = [0, ...milestones].map((_, passed) => real(lr * gamma ** passed));
  const nested = milestones.reduceRight(
    (rest, milestone, index) => style.where(`t < ${milestone}`, rates[index]!, rest),
    rates[rates.length - 1]!,
  );
  return [`return ${nested}`];
}

/** A boundary's own step still has the value before it, so milestones are written one earlier. */
function piecewiseConstant({ lr, milestones, gamma }: Plain<typeof PARAMS>): Native[] {
  const distinct = [...new Set(milestones)];
  const values = [0, ...distinct].map((at) =>
    lr * gamma ** milestones.filter((milestone) => milestone <= at).length
  );
  const of = (boundaries: readonly number[], why: string) =>
    kerasNative("PiecewiseConstantDecay", { boundaries, values }, why);
  if (distinct.length === 0) return [];
  return [
    of(distinct, "PiecewiseConstantDecay switches one step later"),
    of(distinct.map((at) => at - 1), ""),
  ];
}

/** timm counts a milestone one step early, so they are written one later. */
function timmMultiStep(
  { lr, milestones, gamma }: Plain<typeof PARAMS>,
  ramp: Pick<Ramp, "steps" | "from">,
): Native[] {
  const of = (decay_t: readonly number[], why: string) =>
    timmNative("MultiStepLRScheduler", { decay_t, decay_rate: gamma, ...timmWarmup(ramp) }, lr, why);
  return [
    of(milestones, "MultiStepLRScheduler switches one step earlier"),
    of(milestones.map((at) => at + 1), ""),
  ];
}

export default entry({
  name: "multistep",
  summary: "Multiplies the rate by gamma at each milestone.",
  params: PARAMS,
  formula: "η₀·γ^#{m ≤ t}",
  first: "lr",
  last: "lr·gamma^(number of milestones)",
  source: "torch MultiStepLR; He et al., 2015, arXiv:1512.03385",
  label: "multistep {lr} × {gamma} at {milestones}",
  sample: { name: "multistep", lr: 0.05, milestones: ["33%", "67%", "89%"], gamma: 0.1 },
  build: (values) => ({ lr: multistep(values) }),
  conditions: () => STAYS,
  exports: {
    body: pieces,
    optax: ({ lr, milestones, gamma }) => {
      const scales = [...new Set(milestones)].map((at) => {
        const count = milestones.filter((milestone) => milestone === at).length;
        return `${at}: ${real(gamma)}${count === 1 ? "" : ` ** ${count}`}`;
      });
      return `optax.piecewise_constant_schedule(${real(lr)}, {${scales.join(", ")}})`;
    },
    natives: {
      pytorch: ({ lr, ...v }) => [torchNative("MultiStepLR", v, lr)],
      keras: piecewiseConstant,
      timm: (v) => timmMultiStep(v, NO_RAMP),
    },
    warmedUp: { timm: timmMultiStep },
  },
  lint: { factorKey: "gamma", drops: ({ milestones }) => ({ key: "milestones", first: milestones }) },
});
