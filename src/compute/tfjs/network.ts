import * as tf from "@tensorflow/tfjs";
import { BATCH_NORM_DECAY, BATCH_NORM_EPSILON } from "../layers/batch_norm.ts";
import type { LayerKind } from "../layers/catalog.ts";
import { missingKernel } from "../missing_kernel.ts";
import type { ConvLayer, Layer, Model } from "../model.ts";

/** Variables of a model by name: `conv1/kernel`, `norm1/moving_mean` … */
export type Weights = ReadonlyMap<string, tf.Tensor>;

/** Batch-norm statistics of one batch, `[channels]` each; `variance` is the biased one that normalised the batch. */
export interface Moments {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  /** Values that each statistic was taken over: batch × height × width. */
  readonly count: number;
}

export type Mode =
  /** Normalises with the batch's own statistics and hands them out. */
  | { readonly kind: "training"; readonly observe: (layer: string, moments: Moments) => void }
  /** Normalises with the moving statistics. */
  | { readonly kind: "inference" };

/** `[batch, height, width, channels]` → logits `[batch, classes]`, as tfjs ops that tfjs can differentiate. */
export function forward(model: Model, weights: Weights, images: tf.Tensor4D, mode: Mode): tf.Tensor2D {
  return walk(model.layers, weights, images, mode) as tf.Tensor2D;
}

type Op<K extends Layer["kind"]> = (
  layer: LayerKind<K>,
  x: tf.Tensor,
  at: { readonly weights: Weights; readonly mode: Mode },
) => tf.Tensor;

/** By the layer's kind. */
const OPS: { readonly [K in Layer["kind"]]?: Op<K> } = {
  conv: (layer, x, { weights }) => convolve(layer, weights, x as tf.Tensor4D),
  batch_norm: ({ name }, x, { weights, mode }) =>
    mode.kind === "training"
      ? normalizeByBatch(name, weights, x, mode.observe)
      : normalizeByHistory(name, weights, x),
  relu: (_layer, x) => tf.relu(x),
  max_pool: ({ size }, x) => tf.maxPool(x as tf.Tensor4D, size, size, "valid"),
  global_average_pool: (_layer, x) => tf.mean(x, [1, 2]),
  dense: ({ name }, x, { weights }) =>
    tf.add(
      tf.matMul(x as tf.Tensor2D, get(weights, `${name}/kernel`) as tf.Tensor2D),
      get(weights, `${name}/bias`),
    ),
  upsample: ({ size }, x) => upsample(x as tf.Tensor4D, size),
  concat: ({ main, shortcut }, x, { weights, mode }) =>
    tf.concat([walk(main, weights, x, mode), walk(shortcut, weights, x, mode)], 3),
  residual: ({ main, shortcut }, x, { weights, mode }) =>
    tf.add(walk(main, weights, x, mode), walk(shortcut, weights, x, mode)),
};

/** By tiles: tfjs's own gradient of nearest-neighbour resizing is wrong for batches on its cpu backend. */
function upsample(x: tf.Tensor4D, size: number): tf.Tensor {
  const [batch, height, width, channels] = x.shape;
  const rows = tf.tile(tf.reshape(x, [batch * height, 1, width * channels]), [1, size, 1]);
  const pixels = tf.tile(tf.reshape(rows, [batch * height * size * width, 1, channels]), [1, size, 1]);
  return tf.reshape(pixels, [batch, height * size, width * size, channels]);
}

/** @throws {TypeError} for a layer that tfjs has no ops for here. */
function walk(layers: readonly Layer[], weights: Weights, input: tf.Tensor, mode: Mode): tf.Tensor {
  return layers.reduce((x, layer) => {
    const op = OPS[layer.kind] as Op<Layer["kind"]> | undefined;
    if (!op) throw missingKernel("tfjs", "layer", layer.kind, Object.keys(OPS));
    return op(layer, x, { weights, mode });
  }, input);
}

/** Mean cross-entropy (nats) of logits against one-hot labels, both `[batch, classes]`. */
export function crossEntropy(logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(oneHot, tf.logSoftmax(logits)), 1))) as tf.Scalar;
}

/**
 * Moving statistics after one batch: old · decay + new · (1 − decay). The new variance is the unbiased one,
 * variance · n / (n − 1), as torch.nn.BatchNorm2d keeps it.
 */
export function movingStatistics(weights: Weights, layer: string, moments: Moments): [string, tf.Tensor][] {
  const unbiased = tf.mul(moments.variance, moments.count / Math.max(1, moments.count - 1));
  const blend = (name: string, fresh: tf.Tensor): [string, tf.Tensor] => {
    const kept = tf.mul(get(weights, name), BATCH_NORM_DECAY);
    return [name, tf.add(kept, tf.mul(fresh, 1 - BATCH_NORM_DECAY))];
  };
  return [blend(`${layer}/moving_mean`, moments.mean), blend(`${layer}/moving_variance`, unbiased)];
}

function convolve(layer: ConvLayer, weights: Weights, x: tf.Tensor4D): tf.Tensor {
  const kernel = get(weights, `${layer.name}/kernel`) as tf.Tensor4D;
  const y = tf.conv2d(x, kernel, layer.stride, layer.padding);
  return layer.bias ? tf.add(y, get(weights, `${layer.name}/bias`)) : y;
}

/**
 * y = γ x̂ + β with x̂ = (x − mean) / √(variance + ε) over batch, height and width. The gradient is the closed form
 * dx = γ / √(variance + ε) · (dy − mean(dy) − x̂ · mean(dy · x̂)): three reductions instead of autodiff's many.
 */
function normalizeByBatch(
  layer: string,
  weights: Weights,
  x: tf.Tensor,
  observe: (layer: string, moments: Moments) => void,
): tf.Tensor {
  const channels = x.shape.at(-1)!;
  const count = x.size / channels;
  const rows = (t: tf.Tensor) => tf.reshape(t, [count, channels]);
  const normalize = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [x, gamma, beta, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const mean = tf.mean(rows(x), 0);
    const centered = tf.sub(rows(x), mean);
    const variance = tf.mean(tf.square(centered), 0);
    const scale = tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON));
    const standard = tf.mul(centered, scale);
    observe(layer, { mean, variance, count });
    save([standard, scale, gamma]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [standard, scale, gamma] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      const upstream = rows(dy);
      const dBeta = tf.sum(upstream, 0);
      const dGamma = tf.sum(tf.mul(upstream, standard), 0);
      const common = tf.add(tf.div(dBeta, count), tf.mul(standard, tf.div(dGamma, count)));
      const dx = tf.mul(tf.sub(upstream, common), tf.mul(gamma, scale));
      return [tf.reshape(dx, x.shape), dGamma, dBeta];
    };
    return { value: tf.reshape(tf.add(tf.mul(standard, gamma), beta), x.shape), gradFunc };
  });
  return normalize(x, get(weights, `${layer}/gamma`), get(weights, `${layer}/beta`));
}

function normalizeByHistory(layer: string, weights: Weights, x: tf.Tensor): tf.Tensor {
  const variance = get(weights, `${layer}/moving_variance`);
  const scale = tf.mul(get(weights, `${layer}/gamma`), tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON)));
  const centered = tf.sub(x, get(weights, `${layer}/moving_mean`));
  return tf.add(tf.mul(centered, scale), get(weights, `${layer}/beta`));
}

function get(weights: Weights, name: string): tf.Tensor {
  const tensor = weights.get(name);
  if (!tensor) throw new RangeError(`No variable ${JSON.stringify(name)}; there are ${[...weights.keys()]}`);
  return tensor;
}
