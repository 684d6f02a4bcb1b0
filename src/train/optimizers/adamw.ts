import { ADAM_PARAMS, ADAM_RULE } from "./adam.ts";
import { defineOptimizer } from "./entry.ts";

/** torch.optim.AdamW: {@link adam} with `w ← w − lr · weight_decay · w` beside the step instead of a decay in the gradient. */
export const adamw = defineOptimizer({
  ...ADAM_RULE,
  name: "adamw",
  description: "Adam with the weight decay taken off the weights, times the rate; torch.optim.AdamW",
  reference: "Loshchilov and Hutter, 2017, arXiv:1711.05101",
  params: ADAM_PARAMS,
  decay: "decoupled",
  weightDecay: 0.01,
});
