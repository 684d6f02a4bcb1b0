import { defineOptimizer, runningAverage } from "./entry.ts";

/**
 * Lion; β₁ is what a schedule's momentum moves:
 *
 *     c = β₁ m + (1 − β₁) g
 *     w ← w − lr · weight_decay · w − lr · sign(c);  m ← β₂ m + (1 − β₂) g
 */
export const lion = defineOptimizer({
  name: "lion",
  description:
    "the sign of an averaged gradient: every weight moves by the rate, so that usual rates are 3 to 10 times smaller than AdamW's, with a decay as many times larger; lucidrains/lion-pytorch",
  reference: "Chen et al., 2023, arXiv:2302.06675",
  elsewhere: "lion_pytorch.Lion (pip install lion-pytorch), optax.lion or keras.optimizers.Lion",
  params: {
    betas: {
      kind: "pair",
      default: [0.9, 0.99],
      range: { min: 0, below: 1 },
      doc:
        "shares of the average of the gradient that stay: in the direction, and in what is kept; a schedule may move the first",
    },
  },
  decay: "decoupled",
  weightDecay: 0,
  momentum: { key: "betas[0]", of: ({ betas }) => betas[0] },
  slots: ["first_moment"],
  followsGradient: false,
  secondMoment: null,
  stability: null,
  constants: () => [],
  step({ settings, gradient, slots, momentum }) {
    const direction = runningAverage(slots.first_moment!, momentum, gradient);
    const kept = runningAverage(slots.first_moment!, settings.betas[1], gradient);
    return { step: direction.map(Math.sign), slots: { first_moment: kept } };
  },
});
