import { checkDropoutRate, type Dropout, dropoutFactors } from "../dropout_mask.ts";
import { type ImageShape, type LayerEntry, spatial } from "./entry.ts";

export interface AttentionLayer {
  readonly kind: "attention";
  readonly name: string;
  readonly heads: number;
  /** True: a position attends to itself and those before it alone. */
  readonly causal: boolean;
  /** Probability that a weight is dropped while training, from 0 to below 1. Absent: 0. */
  readonly dropout?: number;
}

/** What an attention layer drops: weights, after the softmax; undefined where it drops none. */
export function attentionDropout({ name, dropout }: AttentionLayer): Dropout | undefined {
  return dropout ? { name, rate: dropout } : undefined;
}

/**
 * Multi-head attention (Vaswani et al., 2017) over the positions of each image, without parameters: linear layers before
 * and behind it are convolutions of one pixel. `[height, width, 3 · units]`, queries, keys and values side by side, each
 * head a slice of `units / heads` neighbouring channels of them, → `[height, width, units]`, softmax(q kᵀ / √d) v, with
 * dropout of the softmax where the layer has it.
 */
export const attention: LayerEntry<AttentionLayer> = {
  kind: "attention",
  description:
    "multi-head attention over the positions, of queries, keys and values that lie side by side (Vaswani et al., 2017)",
  outputShape(layer, input) {
    const [height, width, channels] = spatial(layer, input);
    const { name, heads, dropout = 0 } = layer;
    checkDropoutRate({ name, rate: dropout });
    if (channels % 3 !== 0) {
      throw new TypeError(
        `Layer ${name} needs queries, keys and values side by side, 3 · units channels, got [${input}]`,
      );
    }
    const units = channels / 3;
    if (units % heads !== 0) {
      throw new TypeError(
        `Layer ${name} cannot share ${units} units among ${heads} heads: ${units} / ${heads} is not whole`,
      );
    }
    return [height, width, units];
  },
  looksAhead: ({ causal }) => !causal,
  dropout: attentionDropout,
  apply(layer, input, shape, { dropoutMask }) {
    const { heads, causal } = layer;
    const [batch, height, width, channels] = shape as ImageShape;
    const tokens = height * width;
    const units = channels / 3;
    const output = new Float64Array(batch * tokens * units);
    const all: Head[] = [];
    const dropout = attentionDropout(layer);
    const squares = tokens * tokens;
    const factors = dropout && dropoutMask
      ? dropoutFactors(dropout, dropoutMask, batch, heads * squares)
      : new Float64Array(batch * heads * squares).fill(1);
    for (let item = 0; item < batch; item++) {
      for (let index = 0; index < heads; index++) {
        const first = item * tokens * channels + index * units / heads;
        const parts = [0, units, 2 * units].map((part) =>
          slice(input, first + part, { tokens, size: units / heads, stride: channels })
        ) as [Float64Array, Float64Array, Float64Array];
        const head = { parts, tokens, causal, first, to: item * tokens * units + index * units / heads };
        const square = (item * heads + index) * squares;
        const done = {
          ...head,
          weights: attentionWeights(head),
          factors: factors.subarray(square, square + squares),
        };
        all.push(done);
        place(output, head.to, weightedSum(dropped(done), parts[2], tokens), { tokens, stride: units });
      }
    }
    const backward = (gradient: Float64Array) => {
      const back = new Float64Array(input.length);
      for (const head of all) {
        const own = slice(gradient, head.to, { tokens, size: units / heads, stride: units });
        headGradient(head, own).forEach((values, part) =>
          place(back, head.first + part * units, values, { tokens, stride: channels })
        );
      }
      return back;
    };
    return { output, backward };
  },
};

/** One head of one image. */
interface Head {
  /** Queries, keys and values, `[tokens, size]`. */
  readonly parts: readonly [Float64Array, Float64Array, Float64Array];
  readonly tokens: number;
  readonly causal: boolean;
  /** Place of its first query in the input. */
  readonly first: number;
  /** Place of its first value in the output. */
  readonly to: number;
  /** `[tokens, tokens]`; rows add up to 1. */
  readonly weights: Float64Array;
  /** `[tokens, tokens]`: what dropout multiplies each weight by. */
  readonly factors: Float64Array;
}

/** softmax(q kᵀ / √d), row by row. */
function attentionWeights(
  { parts: [queries, keys], tokens, causal }: Omit<Head, "weights" | "factors">,
): Float64Array {
  const size = queries.length / tokens;
  const weights = new Float64Array(tokens * tokens);
  for (let to = 0; to < tokens; to++) {
    const row = weights.subarray(to * tokens, to * tokens + (causal ? to + 1 : tokens));
    row.forEach((_, from) => {
      for (let c = 0; c < size; c++) row[from]! += queries[to * size + c]! * keys[from * size + c]!;
      row[from]! /= Math.sqrt(size);
    });
    const largest = row.reduce((most, value) => Math.max(most, value), -Infinity);
    row.forEach((value, from) => row[from] = Math.exp(value - largest));
    const total = row.reduce((sum, value) => sum + value, 0);
    row.forEach((value, from) => row[from] = value / total);
  }
  return weights;
}

/** The weights behind dropout. */
function dropped({ weights, factors }: Head): Float64Array {
  return weights.map((weight, at) => weight * factors[at]!);
}

/** `[tokens, tokens]` · `[tokens, size]`; `transposed`: of the first one's transpose. */
function weightedSum(
  weights: Float64Array,
  values: Float64Array,
  tokens: number,
  transposed = false,
): Float64Array {
  const size = values.length / tokens;
  const sums = new Float64Array(values.length);
  for (let to = 0; to < tokens; to++) {
    for (let from = 0; from < tokens; from++) {
      const weight = weights[transposed ? from * tokens + to : to * tokens + from]!;
      for (let c = 0; c < size; c++) sums[to * size + c]! += weight * values[from * size + c]!;
    }
  }
  return sums;
}

/** The loss's gradients for queries, keys and values from that for the output, all `[tokens, size]`. */
function headGradient(head: Head, gradient: Float64Array): Float64Array[] {
  const { parts: [queries, keys, values], weights, factors, tokens } = head;
  const size = queries.length / tokens;
  const scores = new Float64Array(weights.length);
  for (let to = 0; to < tokens; to++) {
    const row = scores.subarray(to * tokens, (to + 1) * tokens);
    const own = weights.subarray(to * tokens, (to + 1) * tokens);
    row.forEach((_, from) => {
      for (let c = 0; c < size; c++) row[from]! += gradient[to * size + c]! * values[from * size + c]!;
      row[from]! *= factors[to * tokens + from]!;
    });
    const mean = row.reduce((sum, value, from) => sum + value * own[from]!, 0);
    row.forEach((value, from) => row[from] = own[from]! * (value - mean) / Math.sqrt(size));
  }
  return [
    weightedSum(scores, keys, tokens),
    weightedSum(scores, queries, tokens, true),
    weightedSum(dropped(head), gradient, tokens, true),
  ];
}

/** `[tokens, size]` of values whose rows begin `stride` apart, the first at `from`. */
function slice(
  values: Float64Array,
  from: number,
  { tokens, size, stride }: { readonly tokens: number; readonly size: number; readonly stride: number },
): Float64Array {
  return Float64Array.from(
    { length: tokens * size },
    (_, index) => values[from + Math.floor(index / size) * stride + index % size]!,
  );
}

/** The inverse of {@link slice}. */
function place(
  into: Float64Array,
  from: number,
  values: Float64Array,
  { tokens, stride }: { readonly tokens: number; readonly stride: number },
): void {
  const size = values.length / tokens;
  values.forEach((value, index) => into[from + Math.floor(index / size) * stride + index % size] = value);
}
