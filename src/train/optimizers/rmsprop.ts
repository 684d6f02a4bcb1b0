import { defineOptimizer, runningAverage } from "./entry.ts";

/**
 * torch.optim.RMSprop, not centred:
 *
 *     s ← α s + (1 − α) g²;  v ← momentum · v + g / (√s + ε)
 *     w ← w − lr · v
 */
export const rmsprop = defineOptimizer({
  name: "rmsprop",
  description: "gradients divided by the root of their averaged square; torch.optim.RMSprop, not centred",
  reference: "Tieleman and Hinton, 2012, Neural networks for machine learning, lecture 6.5",
  params: {
    alpha: {
      kind: "number",
      default: 0.99,
      range: { min: 0, below: 1 },
      doc: "share of the average of the squared gradient that stays",
    },
    eps: {
      kind: "number",
      default: 1e-8,
      range: { above: 0 },
      doc: "added to the root of the averaged square",
    },
    momentum: {
      kind: "number",
      default: 0,
      range: { min: 0, below: 1 },
      doc: "share of the last step's direction that stays; a schedule may move it",
    },
  },
  decay: "coupled",
  weightDecay: 0,
  momentum: { key: "momentum", of: ({ momentum }) => momentum },
  slots: ["square_average", "momentum"],
  followsGradient: false,
  secondMoment: { slot: "square_average", correction: () => 1 },
  stability: {
    limit: (_settings, momentum) => 2 * (1 + momentum),
    divisor: ({ eps }, _momentum, _count, average) => Math.sqrt(average) + eps,
  },
  constants: () => [],
  step({ settings, gradient, slots, momentum }) {
    const square = runningAverage(
      slots.square_average!,
      settings.alpha,
      gradient.map((value) => value * value),
    );
    const step = slots.momentum!.map((before, index) =>
      momentum * before + gradient[index]! / (Math.sqrt(square[index]!) + settings.eps)
    );
    return { step, slots: { square_average: square, momentum: step } };
  },
});
