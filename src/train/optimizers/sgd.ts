import { defineOptimizer } from "./entry.ts";

/**
 * torch.optim.SGD without dampening:
 *
 *     v ← momentum · v + g
 *     w ← w − lr · (nesterov ? g + momentum · v : v)
 */
export const sgd = defineOptimizer({
  name: "sgd",
  description: "gradient descent with heavy-ball or Nesterov momentum; torch.optim.SGD without dampening",
  reference: "Sutskever et al., 2013, On the importance of initialization and momentum in deep learning",
  params: {
    momentum: {
      kind: "number",
      default: 0.9,
      range: { min: 0, below: 1 },
      doc: "share of the last step's direction that stays; a schedule may move it",
    },
    nesterov: {
      kind: "boolean",
      default: false,
      label: "Nesterov",
      doc: "whether the direction looks one step ahead",
    },
  },
  decay: "coupled",
  weightDecay: 0,
  momentum: { key: "momentum", of: ({ momentum }) => momentum },
  slots: ["momentum"],
  followsGradient: true,
  secondMoment: null,
  // Heavy ball: Polyak, 1964; both: Cohen et al., 2021, arXiv:2103.00065, appendix B.
  stability: {
    limit: ({ nesterov }, momentum) => 2 * (1 + momentum) / (nesterov ? 1 + 2 * momentum : 1),
  },
  constants: () => [],
  conflict: ({ nesterov, momentum }) =>
    nesterov && momentum === 0 ? { key: "nesterov", message: "needs a momentum above 0" } : null,
  step({ settings, gradient, slots, momentum }) {
    const velocity = slots.momentum!.map((before, index) => momentum * before + gradient[index]!);
    const step = settings.nesterov
      ? gradient.map((value, index) => value + momentum * velocity[index]!)
      : velocity;
    return { step, slots: { momentum: velocity } };
  },
});
