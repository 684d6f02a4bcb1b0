/** The training loss, averaged over the images of a step. Evaluations always report plain cross-entropy. */
export type LossSpec = CrossEntropySpec | FocalSpec;

/**
 * Cross-entropy with label smoothing, torch.nn.functional.cross_entropy (Szegedy et al., 2016, section 7), in nats.
 *
 * With p = softmax(z) of an image's logits z, K classes and smoothing s, the target is t_c = (1 − s) · [c = label] + s / K:
 *
 *     L = −Σ_c t_c ln p_c        ∂L/∂z_c = p_c − t_c
 */
export interface CrossEntropySpec {
  readonly name: "cross_entropy";
  /** s, from 0 (none) to below 1. */
  readonly label_smoothing: number;
}

/**
 * Focal loss (Lin et al., 2017) without class weights: images that are classified well already count little.
 *
 * With p the label's probability and γ = `gamma`; γ = 0 would be cross-entropy:
 *
 *     L = −(1 − p)^γ ln p        ∂L/∂z_c = (p_c − [c = label]) · ((1 − p)^γ − γ p (1 − p)^(γ−1) ln p)
 *
 * Both are 0 where p = 1.
 */
export interface FocalSpec {
  readonly name: "focal";
  /** γ, above 0. */
  readonly gamma: number;
}

/** The training loss where nothing else was asked for. */
export const CROSS_ENTROPY: CrossEntropySpec = { name: "cross_entropy", label_smoothing: 0 };

/** True for plain cross-entropy, which plans leave out. */
export function isPlain(loss: LossSpec): boolean {
  return loss.name === "cross_entropy" && loss.label_smoothing === 0;
}

export function isSameLoss(one: LossSpec, other: LossSpec): boolean {
  const [a, b] = [lossFactors(one), lossFactors(other)];
  return a.smoothing === b.smoothing && a.gamma === b.gamma;
}

/** Both losses as one formula's constants: a smoothing of 0 is none, a gamma of 0 is cross-entropy. */
export function lossFactors(loss: LossSpec): { readonly smoothing: number; readonly gamma: number } {
  switch (loss.name) {
    case "cross_entropy":
      return { smoothing: loss.label_smoothing, gamma: 0 };
    case "focal":
      return { smoothing: 0, gamma: loss.gamma };
  }
}
