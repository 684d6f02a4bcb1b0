/** `lr`, `train/learning_rate`, `lr-AdamW/pg1`, `optimizer.lr_0`; not `lr_scheduler_state` nor `plr`. */
const RATE = /(?:^|[/._ -])(?:lr|learning[._ -]?rate)(?:$|[/._ -](?!schedul|decay|mult|factor))/i;

/** `gradient_norm`, `train/grad_norm`, `grads.norm`, `norm`; not `layernorm` nor `grad_norm_clip`. */
const GRADIENT_NORM = /(?:^|[/._ -])(?:grad(?:ient)?s?[/._ -]?norm|norm)$/i;

/**
 * True for the name of a series that holds learning rates.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isRateTag } from "#trackers/known_tags.ts";
 *
 * assert.ok(["lr", "train/learning_rate", "lr-AdamW/pg1"].every(isRateTag));
 * assert.ok(!["lrap", "lr_scheduler_state", "loss"].some(isRateTag));
 * ```
 */
export const isRateTag = (tag: string): boolean => RATE.test(tag);

/**
 * True for the name of a series that holds norms of the whole gradient.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isGradientNormTag } from "#trackers/known_tags.ts";
 *
 * assert.ok(["gradient_norm", "train/grad_norm", "norm"].every(isGradientNormTag));
 * assert.ok(!["layernorm", "grad_norm_clip"].some(isGradientNormTag));
 * ```
 */
export const isGradientNormTag = (tag: string): boolean => GRADIENT_NORM.test(tag);
