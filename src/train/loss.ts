import { canonicalJson } from "#lib/json.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import type { ComplexityCascade } from "./loss_weights/complexity_cascade.ts";
import type { DynamicHybrid } from "./loss_weights/dynamic_hybrid.ts";
import type { ProgressiveHybrid } from "./loss_weights/progressive_hybrid.ts";
import type { StructureBoundary } from "./loss_weights/structure_boundary.ts";

/** The training loss, averaged over the images of a step. Evaluations always report plain cross-entropy. */
export type LossSpec = ComponentSpec | LossSumSpec | AdaptiveLossSpec;

/** The losses of a label: of an image, or of each pixel of one, averaged over them. */
export type LabelLossSpec = CrossEntropySpec | FocalSpec;

/** A loss with no other inside. */
export type ComponentSpec = LabelLossSpec | DiceSpec | HausdorffSpec;

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

/** Soft Dice loss of images with masks; the formula is that of `losses/dice.ts`. */
export interface DiceSpec {
  readonly name: "dice";
  /** Pixels added to intersection and sizes: s of the formula, above 0. */
  readonly smoothing: number;
  /** True: class 0, the background, counts like the others. */
  readonly include_background: boolean;
}

/** Hausdorff loss of images with masks by distance transforms; the formula is that of `losses/hausdorff.ts`. */
export interface HausdorffSpec {
  readonly name: "hausdorff";
  /** Exponent α of the distances, above 0. */
  readonly alpha: number;
}

/** `Σ_k weight_k · L_k`, for images with masks. A weight that is a schedule has that schedule's rate as its value. */
export interface LossSumSpec {
  readonly name: "sum";
  /** No name occurs twice. */
  readonly components: readonly (ComponentSpec & { readonly weight: number | ScheduleSpec })[];
}

interface Staged {
  /** In the order of weights; no name occurs twice. */
  readonly components: readonly ComponentSpec[];
  /** `shuffled`: the same weights, each step's at another step, drawn by the run's seed: the control of an order in time. */
  readonly order: "in_time" | "shuffled";
}

/** Losses whose weights change over a run, by the names that the guide to escaping local minima gives them. */
export type AdaptiveLossSpec = StagedLossSpec | DynamicLossSpec;
/** Weights by the step alone. */
export type StagedLossSpec =
  | { readonly name: "adaptive_structure_boundary" } & StructureBoundary & Staged
  | { readonly name: "adaptive_progressive_hybrid" } & ProgressiveHybrid & Staged
  | { readonly name: "adaptive_complexity_cascade" } & ComplexityCascade & Staged;
/** Weights by evaluations. */
export type DynamicLossSpec =
  & { readonly name: "adaptive_dynamic_hybrid" }
  & DynamicHybrid
  & Pick<Staged, "components">;

export type WeightedComponent = ComponentSpec & { readonly weight: number };

/** The training loss where nothing else was asked for. */
export const CROSS_ENTROPY: CrossEntropySpec = { name: "cross_entropy", label_smoothing: 0 };

/** True for plain cross-entropy, which plans leave out. */
export function isPlain(loss: LossSpec): boolean {
  return loss.name === "cross_entropy" && loss.label_smoothing === 0;
}

/**
 * The components of a loss with their weights, in order; a loss that is no sum is its own, with the weight 1. Weights that
 * change over a run count as 1: each step says what they are.
 */
export function componentsOf(loss: LossSpec): readonly WeightedComponent[] {
  if (isAdaptive(loss)) return loss.components.map((component) => ({ ...component, weight: 1 }));
  if (loss.name !== "sum") return [{ ...loss, weight: 1 }];
  return loss.components.map(({ weight, ...component }) => ({
    ...component,
    weight: typeof weight === "number" ? weight : 1,
  }));
}

export function isAdaptive(loss: LossSpec): loss is AdaptiveLossSpec {
  return "components" in loss && loss.name !== "sum";
}

/** True where the weights of a loss's components change over a run. */
export function hasMovingWeights(loss: LossSpec): boolean {
  return isAdaptive(loss) ||
    (loss.name === "sum" && loss.components.some(({ weight }) => typeof weight !== "number"));
}

export function isSameLoss(one: LossSpec, other: LossSpec): boolean {
  if (isLabelLoss(one) && isLabelLoss(other)) {
    const [a, b] = [lossFactors(one), lossFactors(other)];
    return a.smoothing === b.smoothing && a.gamma === b.gamma;
  }
  return canonicalJson(one) === canonicalJson(other);
}

export function isLabelLoss(loss: LossSpec): loss is LabelLossSpec {
  return loss.name === "cross_entropy" || loss.name === "focal";
}

/** @throws {TypeError} for a loss that needs masks. */
export function labelLoss(loss: LossSpec): LabelLossSpec {
  if (isLabelLoss(loss)) return loss;
  throw new TypeError(`Cannot classify images by the loss ${loss.name}: it needs images with masks`);
}

/** Both losses of a label as one formula's constants: a smoothing of 0 is none, a gamma of 0 is cross-entropy. */
export function lossFactors(loss: LabelLossSpec): { readonly smoothing: number; readonly gamma: number } {
  switch (loss.name) {
    case "cross_entropy":
      return { smoothing: loss.label_smoothing, gamma: 0 };
    case "focal":
      return { smoothing: 0, gamma: loss.gamma };
  }
}
