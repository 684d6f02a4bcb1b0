import { ADAM_PARAMS } from "./adam.ts";
import { defineOptimizer, type Scalars } from "./entry.ts";

interface ProdigySettings {
  readonly betas: readonly [number, number];
  readonly d0: number;
  readonly d_coef: number;
  readonly use_bias_correction: boolean;
  readonly safeguard_warmup: boolean;
}

/**
 * Adam with an estimate d of the rate, from how far the weights have moved along the gradients; with λ = d · lr (times
 * √(1 − β₂ⁿ) / (1 − β₁ⁿ), with `use_bias_correction`), β₃ = √β₂ and sums over all weights:
 *
 *     a ← β₃ a + d / d₀ · λ · Σ g (w₀ − w);  q ← β₃ q + d / d₀ · λ · g;  d⁺ = max(d, d_coef · a / Σ |q|)
 *     m ← β₁ m + (1 − β₁) d g;  s ← β₂ s + (1 − β₂) d² g²
 *     w ← w − λ · weight_decay · w − λ · m / (√s + d⁺ ε);  d ← d⁺
 *
 * `safeguard_warmup` has d instead of λ in q. Kept as `displacement` is w₀ − w, whose steps are too small for the
 * weights' own digits. A group with another rate has its own λ; the reference refuses that.
 */
export const prodigy = defineOptimizer({
  name: "prodigy",
  description:
    "Adam that estimates its rate while it trains: the schedule's rate multiplies the estimate, so that its peak is 1; konstmish/prodigy",
  reference: "Mishchenko and Defazio, 2023, arXiv:2306.06101",
  elsewhere: "prodigyopt.Prodigy (pip install prodigyopt) or optax.contrib.prodigy",
  params: {
    ...ADAM_PARAMS,
    d0: { kind: "number", default: 1e-6, range: { above: 0 }, doc: "the first estimate of the rate" },
    d_coef: { kind: "number", default: 1, range: { above: 0 }, doc: "multiplies the estimate" },
    use_bias_correction: {
      kind: "boolean",
      default: false,
      label: "bias correction",
      doc: "whether steps are corrected as Adam's are while the averages are young",
    },
    safeguard_warmup: {
      kind: "boolean",
      default: false,
      label: "safeguarded warmup",
      doc: "whether a small rate at the start leaves the estimate alone",
    },
  },
  decay: "own",
  weightDecay: 0,
  momentum: { key: "betas[0]", of: ({ betas }) => betas[0] },
  slots: ["scaled_first_moment", "scaled_second_moment", "gradient_sum", "displacement"],
  // Its squares are scaled by the estimate.
  followsGradient: false,
  secondMoment: null,
  stability: null,
  scalars: {
    kind: "shared",
    names: ["d", "numerator"],
    sums({ settings, gradient, slots, lr, momentum, count, scalars }) {
      const d = estimate(settings, scalars.before);
      const step = d * lr * biasCorrection(settings, momentum, count);
      const sum = gradientSum(settings, { d, step, sum: slots.gradient_sum!, gradient });
      const along = gradient.reduce((total, value, index) => total + value * slots.displacement![index]!, 0);
      return [
        d / settings.d0 * step * along,
        sum.reduce((total, value) => total + Math.abs(value), 0),
      ];
    },
    advance(settings, before, [along, size]) {
      const d = estimate(settings, before);
      // No gradient yet, or no rate.
      if (size === undefined || size === 0) return { d, numerator: before.numerator! };
      const numerator = Math.sqrt(settings.betas[1]) * before.numerator! + along!;
      return { d: Math.max(d, settings.d_coef * numerator / size), numerator };
    },
  },
  constants: (settings, momentum, count) => [biasCorrection(settings, momentum, count)],
  step({ settings, weight, gradient, slots, lr, momentum, count, weightDecay, scalars }) {
    const { betas: [, beta2], eps } = settings;
    const d = estimate(settings, scalars.before);
    const step = d * lr * biasCorrection(settings, momentum, count);
    const first = slots.scaled_first_moment!.map((mean, index) =>
      momentum * mean + (1 - momentum) * d * gradient[index]!
    );
    const second = slots.scaled_second_moment!.map((mean, index) =>
      beta2 * mean + (1 - beta2) * (d * gradient[index]!) ** 2
    );
    const change = first.map((mean, index) =>
      step *
      (weightDecay * weight[index]! +
        mean / (Math.sqrt(second[index]!) + estimate(settings, scalars.after) * eps))
    );
    return {
      weight: weight.map((value, index) => value - change[index]!),
      slots: {
        scaled_first_moment: first,
        scaled_second_moment: second,
        gradient_sum: gradientSum(settings, { d, step, sum: slots.gradient_sum!, gradient }),
        displacement: slots.displacement!.map((value, index) => value + change[index]!),
      },
    };
  },
});

/** d: before the first step it is d₀. */
function estimate({ d0 }: ProdigySettings, { d }: Scalars): number {
  return d! > 0 ? d! : d0;
}

function biasCorrection(
  { betas, use_bias_correction }: ProdigySettings,
  momentum: number,
  count: number,
): number {
  return use_bias_correction ? Math.sqrt(1 - betas[1] ** count) / (1 - momentum ** count) : 1;
}

function gradientSum(
  { betas, d0, safeguard_warmup }: ProdigySettings,
  { d, step, sum, gradient }: {
    readonly d: number;
    readonly step: number;
    readonly sum: Float64Array;
    readonly gradient: Float64Array;
  },
): Float64Array {
  const factor = d / d0 * (safeguard_warmup ? d : step);
  return sum.map((value, index) => Math.sqrt(betas[1]) * value + factor * gradient[index]!);
}
