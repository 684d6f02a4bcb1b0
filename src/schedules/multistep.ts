import { entry, type Given } from "./entry.ts";
import { durations, factor, rate } from "./params.ts";
import type { Schedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  lr: rate("rate before the first milestone"),
  milestones: durations("steps at which the rate drops, in order; one listed twice counts twice"),
  gamma: factor("what each milestone multiplies the rate by", 0.1),
};

/**
 * η(t) = η₀·γ^#{m ≤ t} over the milestones m, in steps.
 *
 * First value η₀; the update at t = m already has the lower rate, as in torch. (Keras' piecewise constant switches
 * one step later, timm one earlier.) Past the last milestone the rate stays.
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
});
