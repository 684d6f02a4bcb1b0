import { ADAM_RULE } from "./adam.ts";
import { defineOptimizer, runningAverage } from "./entry.ts";
import { orthogonalised } from "./newton_schulz.ts";

/** Rows and columns of a kernel as a matrix: `[height · width · in, out]`. */
export function matrixShape(shape: readonly number[]): [rows: number, columns: number] {
  return [shape.slice(0, -1).reduce((product, size) => product * size, 1), shape.at(-1)!];
}

/** Factor of Muon's step: √max(1, out / in), with in the inputs that one output sums over. */
export function muonScale(shape: readonly number[]): number {
  const [inputs, outputs] = matrixShape(shape);
  return Math.sqrt(Math.max(1, outputs / inputs));
}

/**
 * Muon for the kernels of hidden layers, filters taken as matrices `[in, out]`:
 *
 *     m ← momentum · m + (1 − momentum) g;  u = nesterov ? (1 − momentum) g + momentum · m : m
 *     w ← w − lr · weight_decay · w − lr · √max(1, out / in) · orthogonalised(u)
 *
 * Everything else – biases, scales, the last layer – has AdamW, with `adamw_lr_ratio` times the rate. The reference
 * takes the ratio of a filter's own last two axes, 1 for a square one; here it is that of the matrix.
 */
export const muon = defineOptimizer({
  name: "muon",
  description:
    "momentum whose singular values are brought near 1, for the kernels of hidden layers, and AdamW for everything else; KellerJordan/Muon",
  reference: "Jordan et al., 2024, Muon: an optimizer for hidden layers in neural networks",
  elsewhere: "SingleDeviceMuonWithAuxAdam of KellerJordan/Muon, or optax.contrib.muon",
  params: {
    momentum: {
      kind: "number",
      default: 0.95,
      range: { min: 0, below: 1 },
      doc: "share of the averaged gradient of hidden kernels that stays; a schedule may move it",
    },
    nesterov: {
      kind: "boolean",
      default: true,
      label: "Nesterov",
      doc: "whether the direction looks one step ahead",
    },
    adamw_lr_ratio: {
      kind: "number",
      default: 0.015,
      range: { min: 0 },
      doc: "the rate of everything but hidden kernels, as a share of the schedule's",
    },
    betas: {
      kind: "pair",
      default: [0.9, 0.95],
      range: { min: 0, below: 1 },
      doc: "AdamW's shares of the averages of the gradient and of its square that stay",
    },
    eps: {
      kind: "number",
      default: 1e-10,
      range: { above: 0 },
      doc: "added to the root of AdamW's averaged square",
    },
  },
  decay: "own",
  weightDecay: 0,
  momentum: { key: "momentum", of: ({ momentum }) => momentum },
  slots: ["first_moment", "second_moment"],
  // Only parameters outside hidden layers have one.
  followsGradient: false,
  secondMoment: null,
  stability: null,
  /** Corrections of AdamW. */
  constants: ({ betas }, _, count) => ADAM_RULE.constants({ betas, eps: 0 }, betas[0], count),
  step(input) {
    const { settings, weight, gradient, slots, momentum, shape, hidden, lr, weightDecay } = input;
    const { betas, eps, adamw_lr_ratio, nesterov } = settings;
    const move = (step: Float64Array, rate: number) =>
      weight.map((value, index) => value - rate * (weightDecay * value + step[index]!));
    if (!hidden) {
      const { step, slots: after } = ADAM_RULE.step({
        ...input,
        settings: { betas, eps },
        momentum: betas[0],
      });
      return { weight: move(step, lr * adamw_lr_ratio), slots: after };
    }
    const average = runningAverage(slots.first_moment!, momentum, gradient);
    const direction = nesterov ? runningAverage(average, momentum, gradient) : average;
    const scale = muonScale(shape);
    const step = orthogonalised(direction, ...matrixShape(shape)).map((value) => scale * value);
    return { weight: move(step, lr), slots: { ...slots, first_moment: average } };
  },
});
