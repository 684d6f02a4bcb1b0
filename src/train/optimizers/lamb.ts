import { norm } from "#lib/norm.ts";
import { ADAM_PARAMS, ADAM_RULE } from "./adam.ts";
import { defineOptimizer } from "./entry.ts";

/**
 * LAMB as NVIDIA's and timm's: Adam's direction, with the decay in it, as long as the tensor is:
 *
 *     u = m / (1 − β₁ⁿ) / (√s / √(1 − β₂ⁿ) + ε) + weight_decay · w
 *     w ← w − lr · ‖w‖ / ‖u‖ · u
 *
 * The factor is 1 where either norm is 0, and for a parameter without decay, unless `always_adapt` is true.
 */
export const lamb = defineOptimizer({
  name: "lamb",
  description:
    "Adam's direction, in each tensor as long as its weights, for large batches; timm.optim.Lamb without its own clipping",
  reference: "You et al., 2019, arXiv:1904.00962",
  elsewhere:
    "timm.optim.Lamb (pip install timm) with max_grad_norm=None, optax.lamb or keras.optimizers.Lamb",
  params: {
    betas: ADAM_PARAMS.betas,
    eps: { ...ADAM_PARAMS.eps, default: 1e-6 },
    always_adapt: {
      kind: "boolean",
      default: false,
      label: "all tensors scaled",
      doc: "whether parameters without weight decay are scaled to their norm too",
    },
  },
  decay: "own",
  weightDecay: 0.01,
  momentum: ADAM_RULE.momentum,
  slots: ADAM_RULE.slots,
  followsGradient: false,
  secondMoment: ADAM_RULE.secondMoment,
  stability: null,
  constants: ADAM_RULE.constants,
  step(input) {
    const { weight, weightDecay, settings } = input;
    const { step: adam, slots } = ADAM_RULE.step(input);
    const direction = adam.map((value, index) => value + weightDecay * weight[index]!);
    const [long, short] = [norm(weight), norm(direction)];
    const scaled = (weightDecay > 0 || settings.always_adapt) && long > 0 && short > 0;
    const ratio = scaled ? long / short : 1;
    return { step: direction.map((value) => ratio * value), slots };
  },
});
