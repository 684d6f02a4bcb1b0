import { ADAM_PARAMS } from "./adam.ts";
import { defineOptimizer, runningAverage } from "./entry.ts";
import {
  averagedStep,
  averagedWeight,
  AVERAGING,
  AVERAGING_PARAMS,
  averagingShare,
} from "./schedule_free.ts";

/**
 * AdamW whose steps are averaged in place of a schedule: see `schedule_free.ts`, with
 *
 *     s ← β₂ s + (1 − β₂) g²;  u = g / (√(s / (1 − β₂ⁿ)) + ε) + weight_decay · y
 */
export const scheduleFreeAdamw = defineOptimizer({
  name: "schedule_free_adamw",
  description:
    "AdamW whose steps are averaged instead of decayed, with rates 1 to 10 times AdamW's; a constant rate, after a warmup; the model is judged by the average; schedulefree.AdamWScheduleFree",
  reference: "Defazio et al., 2024, arXiv:2405.15682",
  elsewhere: "schedulefree.AdamWScheduleFree (pip install schedulefree) or optax.contrib.schedule_free_adamw",
  params: {
    betas: {
      ...ADAM_PARAMS.betas,
      doc:
        "share of the average in the weights that gradients are taken at, which a schedule may move, and of the averaged squared gradient that stays",
    },
    eps: ADAM_PARAMS.eps,
    ...AVERAGING_PARAMS,
  },
  decay: "own",
  weightDecay: 0,
  momentum: { key: "betas[0]", of: ({ betas }) => betas[0] },
  slots: ["second_moment", "offset"],
  followsGradient: false,
  secondMoment: {
    slot: "second_moment",
    correction: ({ betas }, count) => 1 - betas[1] ** count,
  },
  stability: null,
  scalars: AVERAGING,
  /** The share of the new step in the average, 1 − β₁ of the last step, and the root of the correction of s. */
  constants: (settings, _, count, { before, after }) => [
    averagingShare(settings, after, count),
    1 - before.momentum!,
    Math.sqrt(1 - settings.betas[1] ** count),
  ],
  judged: averagedWeight,
  step({ settings, weight, gradient, slots, lr, momentum, count, weightDecay, scalars }) {
    const [, beta2] = settings.betas;
    const second = runningAverage(slots.second_moment!, beta2, gradient.map((value) => value * value));
    const root = Math.sqrt(1 - beta2 ** count);
    const direction = gradient.map((value, index) =>
      value / (Math.sqrt(second[index]!) / root + settings.eps) + weightDecay * weight[index]!
    );
    const { weight: y, offset } = averagedStep(
      { weight, offset: slots.offset!, direction },
      {
        lr,
        share: averagingShare(settings, scalars.after, count),
        momentum,
        before: scalars.before.momentum!,
      },
    );
    return { weight: y, slots: { second_moment: second, offset } };
  },
});
