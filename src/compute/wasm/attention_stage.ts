import { keptFactor } from "../dropout_mask.ts";
import { dropArguments, type Drops } from "./drops.ts";
import { type Plane, strides } from "./plane.ts";
import type { Stage } from "./stages.ts";

/** Sizes of an attention layer for one image. */
export interface AttentionSizes {
  readonly tokens: number;
  readonly units: number;
  readonly heads: number;
  readonly causal: boolean;
}

/** Queries that the kernels take at a time. */
const QUERIES = 6;
/** The packed parts of a head that the gradient holds at once. */
const AREAS = 7;

const upTo = (multiple: number, count: number) => Math.ceil(count / multiple) * multiple;
const rowsOf = (tokens: number) => Math.max(upTo(QUERIES, tokens), upTo(8, tokens));

/** Floats of the weights of one image and head, as the kernels lay them out. */
export function weightFloats(tokens: number): number {
  return rowsOf(tokens) * upTo(8, tokens);
}

/** Floats of scratch that the kernels take. */
export function attentionFloats({ tokens, units, heads }: Omit<AttentionSizes, "causal">): number {
  const size = upTo(8, units / heads);
  return (AREAS * rowsOf(tokens) + QUERIES) * size + weightFloats(tokens);
}

export interface AttentionStage {
  readonly heads: number;
  readonly causal: boolean;
  /** Of its weights; `null`: none. */
  readonly drops: Drops | null;
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  readonly inGradient: Plane | null;
  /** {@link weightFloats} for each head of each image; zeros at first. */
  readonly weights: number;
  readonly scratch: number;
}

/** Multi-head attention. Its weights are kept from the pass forward for the pass back. */
export function attentionStage(stage: AttentionStage): Stage {
  const { heads, causal, drops, input, output, outGradient, inGradient, weights, scratch } = stage;
  const { height, width, channels: units } = output;
  return {
    forward(kernels, { size, dropoutMask }) {
      const places = [input.at, output.at, weights, scratch];
      const layouts = [input, output].flatMap(strides);
      const mask = drops && dropoutMask ? dropArguments(drops, dropoutMask) : [0, 0, 0, 0];
      kernels.attention(...places, size, height, width, units, heads, ...layouts, Number(causal), ...mask);
    },
    backward(kernels, { size, dropoutMask }) {
      if (!inGradient) return;
      const factor = drops && dropoutMask ? keptFactor(drops.rate) : 0;
      const planes = [input, outGradient, inGradient];
      const places = [...planes.map(({ at }) => at), weights, scratch];
      const sizes = [size, height, width, units, heads];
      kernels.attentionGradient(...places, ...sizes, ...planes.flatMap(strides), Number(causal), factor);
    },
  };
}
