import { z } from "zod";

const count = z.int().min(0);
/** A figure that may not be finite: JSON has `null` for that, and it is read as NaN. */
const measured = z.number().nullable().transform((value) => value ?? NaN);
const cycle = count.describe("zero-based number of the cycle");

/** One step. `lr` and `momentum` are those that were applied, read back from the device. */
export const stepEvent = z.object({
  kind: z.literal("step"),
  step: count.describe("zero-based"),
  lr: measured,
  momentum: z.number(),
  loss: measured.describe(
    "mean training loss (nats) of the batch, before the step; null where it was not finite",
  ),
  groups: z.array(z.number().nullable()).exactOptional()
    .describe("rate of each parameter group, null where it was frozen; absent without groups"),
  gradient_norm: measured.exactOptional()
    .describe("global norm of the gradient before clipping, where the plan asks for it"),
  loss_components: z.array(z.object({
    name: z.string(),
    weight: z.number().describe("as the step applied it"),
    loss: measured.describe("without the weight; null where that is 0 and nothing was computed"),
  })).exactOptional().describe("of a weighted sum of losses: `loss` is the sum of weight times loss"),
});

/** Figures of predicted masks, as `train/segmentation/scores.ts` defines them. */
const score = z.number().nullable();
export const segmentation = z.object({
  dice: score.describe("mean over the classes without the background, 0 … 1; null where none occurs"),
  iou: score.describe("intersection over union, 0 … 1"),
  hausdorff_95: score.describe("Hausdorff distance at 95 %, in pixels"),
  boundary_f1: score.describe("F1 of boundary pixels within a pixel, 0 … 1"),
  class_dice: z.array(score).describe("by class, the background first; null where it does not occur"),
});

/** Figures of predicted text, as `train/text_scores.ts` defines them. */
export const text = z.object({
  perplexity: measured.describe("e to the loss; null where that is not finite"),
  bits_per_character: measured.describe("the loss in bits for each character of the text"),
});

/** A pass over a held-out split after `step` steps. */
export const evalEvent = z.object({
  kind: z.literal("eval"),
  step: count.describe("steps applied so far"),
  epoch: z.number().describe("epochs done so far; a fraction where the evaluation falls inside an epoch"),
  split: z.enum(["validation", "test"]),
  weights: z.string().exactOptional()
    .describe("absent for those in training, else the name of an average or a snapshot (ema, swa, cycle/2)"),
  loss: measured.describe("mean cross-entropy in nats"),
  accuracy: z.number().describe(
    "share of images, with masks of pixels, of text of tokens, whose class was the likeliest, 0 … 1",
  ),
  segmentation: segmentation.exactOptional().describe("of images with masks"),
  text: text.exactOptional().describe("of text"),
});

/** Update statistics of one step. Norms are global, over all trainable parameters. */
export const probeEvent = z.object({
  kind: z.literal("probe"),
  step: count.describe("the step that was measured"),
  gradient_norm: measured.describe("before clipping"),
  weight_norm: measured.describe("of the weights before the step"),
  update_norm: measured.describe("of the change of the weights"),
  second_moment: z.number().nullable().describe(
    "Adam, RMSProp: root mean square over parameters of the bias-corrected √v, after the step; else null",
  ),
  step_rms: measured.describe(
    "root mean square of the weights' change divided by the rate: 1 where Adam moves every weight by a full rate",
  ),
  saturated: z.number().nullable().describe(
    "Adam, RMSProp: share of components whose change is more than 0.9 of the rate; else null",
  ),
});

/**
 * Loss along the straight line between the weights at the ends of two cycles, or between those that a run started from
 * (`start`) and those that it ended with (`end`), on validation data.
 */
export const pathEvent = z.object({
  kind: z.literal("path"),
  step: count,
  from: z.union([count, z.literal("start")]).describe("number of a cycle, or the run's own start"),
  to: z.union([count, z.literal("end")]),
  distance: measured.describe("Euclidean"),
  relative_distance: measured.describe("distance as a share of the norm of the first weights"),
  positions: z.array(z.number()).describe("0 … 1"),
  losses: z.array(measured).describe(
    "validation loss (nats) at each position; batch-norm statistics re-estimated at each",
  ),
});

/** Rise of the validation loss around the weights at a cycle's end, under random changes of a fixed relative size. */
export const sharpnessEvent = z.object({
  kind: z.literal("sharpness"),
  step: count,
  cycle,
  radius: z.number().describe("norm of the change as a share of the norm of each kernel"),
  loss: measured,
  rises: z.array(measured).describe("rise of the loss (nats) for each direction"),
});

/** Largest eigenvalue of the Hessian of the training loss, between two steps. */
export const hessianEvent = z.object({
  kind: z.literal("hessian"),
  step: count.describe("steps applied so far"),
  eigenvalue: measured.describe(
    "the largest, over all trainable parameters; of P⁻¹H where the optimizer divides its steps by P",
  ),
  residual: measured.describe("‖Hv − λv‖ of its unit vector: some eigenvalue lies within this distance"),
  products: count.describe("Hessian-vector products that it took"),
  preconditioned: z.boolean().describe("true: of P⁻¹H (Adam, RMSProp)"),
  limit: z.number().nullable().describe(
    "eigenvalue above which the next step diverges on a quadratic loss: 2(1 + momentum) / rate for SGD; null at rate 0",
  ),
  images: count.describe("training images whose mean loss it is of, in training mode without dropout"),
});

export const endedEvent = z.object({
  kind: z.literal("ended"),
  step: count.describe("steps applied"),
  reason: z.enum(["budget", "diverged", "stopped"]),
  detail: z.string().nullable().describe("one sentence; why, where the reason is not budget"),
  ms_per_step: z.number().nullable().describe(
    "wall time of training steps alone, in milliseconds per step; null where none was applied",
  ),
});

/** Events of a run, in order: one line of `events.jsonl` each. */
export const trainEvent = z.discriminatedUnion("kind", [
  stepEvent,
  evalEvent,
  z.object({ kind: z.literal("restart"), step: count, cycle }),
  z.object({ kind: z.literal("snapshot"), step: count, cycle, path: z.string() }),
  z.object({ kind: z.literal("checkpoint"), step: count, path: z.string() }),
  probeEvent,
  pathEvent,
  sharpnessEvent,
  hessianEvent,
  endedEvent,
]);
