import {
  defineOptimizer,
  type OptimizerParams,
  runningAverage,
  type StepInput,
  type StepOutput,
} from "./entry.ts";

/** The keys of Adam and its relatives. */
export const ADAM_PARAMS = {
  betas: {
    kind: "pair",
    default: [0.9, 0.999],
    range: { min: 0, below: 1 },
    doc: "shares of the averages of the gradient and of its square that stay; a schedule may move the first",
  },
  eps: {
    kind: "number",
    default: 1e-8,
    range: { above: 0 },
    doc: "added to the root of the averaged square",
  },
} as const satisfies OptimizerParams;

interface AdamSettings {
  readonly betas: readonly [number, number];
  readonly eps: number;
}

/** The common part of Adam and its relatives: slots, bias corrections and the direction. */
export const ADAM_RULE = {
  momentum: { key: "betas[0]", of: ({ betas }: AdamSettings) => betas[0] },
  slots: ["first_moment", "second_moment"],
  followsGradient: false,
  secondMoment: {
    slot: "second_moment",
    correction: ({ betas }: AdamSettings, count: number) => 1 - betas[1] ** count,
  },
  // Cohen et al., 2022, arXiv:2207.14484, section 2, with both corrections of bias in the divisor.
  stability: {
    limit: (_settings: AdamSettings, momentum: number) => 2 * (1 + momentum) / (1 - momentum),
    divisor: ({ betas, eps }: AdamSettings, momentum: number, count: number, average: number) =>
      (1 - momentum ** count) * (Math.sqrt(average / (1 - betas[1] ** count)) + eps),
  },
  /** Corrections of the first moment, and of the second one's root. */
  constants: ({ betas }: AdamSettings, momentum: number, count: number) => [
    1 - momentum ** count,
    Math.sqrt(1 - betas[1] ** count),
  ],
  step(
    { settings, gradient, slots, momentum, count }: Pick<
      StepInput<AdamSettings>,
      "settings" | "gradient" | "slots" | "momentum" | "count"
    >,
  ): Extract<StepOutput, { readonly step: Float64Array }> {
    const [, beta2] = settings.betas;
    const first = runningAverage(slots.first_moment!, momentum, gradient);
    const second = runningAverage(slots.second_moment!, beta2, gradient.map((value) => value * value));
    const root = Math.sqrt(1 - beta2 ** count);
    const step = first.map((mean, index) =>
      mean / (1 - momentum ** count) / (Math.sqrt(second[index]!) / root + settings.eps)
    );
    return { step, slots: { first_moment: first, second_moment: second } };
  },
} as const;

/**
 * torch.optim.Adam; n is the number of steps, this one included, and β₁ what a schedule's momentum moves:
 *
 *     m ← β₁ m + (1 − β₁) g;  s ← β₂ s + (1 − β₂) g²
 *     w ← w − lr / (1 − β₁ⁿ) · m / (√s / √(1 − β₂ⁿ) + ε)
 */
export const adam = defineOptimizer({
  ...ADAM_RULE,
  name: "adam",
  description:
    "steps of nearly the rate's size for each weight; weight decay added to the gradient; torch.optim.Adam",
  reference: "Kingma and Ba, 2014, arXiv:1412.6980",
  params: ADAM_PARAMS,
  decay: "coupled",
  weightDecay: 0,
});
