import { attention } from "./attention.ts";
import { batchNorm } from "./batch_norm.ts";
import { concat, type ConcatLayer } from "./concat.ts";
import { convolution } from "./convolution.ts";
import { dense } from "./dense.ts";
import { dropout } from "./dropout.ts";
import { embedding } from "./embedding.ts";
import type { AnyLayer, LayerEntry } from "./entry.ts";
import { gelu } from "./gelu.ts";
import { globalAveragePoolLayer } from "./global_average_pool.ts";
import { layerNorm } from "./layer_norm.ts";
import { maxPoolLayer } from "./max_pool.ts";
import { positionalEmbedding } from "./positional_embedding.ts";
import { reluLayer } from "./relu.ts";
import { reluSquared } from "./relu_squared.ts";
import { residual, type ResidualLayer } from "./residual.ts";
import { rmsNorm } from "./rms_norm.ts";
import { upsampleLayer } from "./upsample.ts";

/** Every layer that a model can have. */
export const LAYERS = [
  convolution,
  batchNorm,
  reluLayer,
  dropout,
  maxPoolLayer,
  upsampleLayer,
  globalAveragePoolLayer,
  dense,
  embedding,
  positionalEmbedding,
  layerNorm,
  rmsNorm,
  gelu,
  reluSquared,
  attention,
  residual,
  concat,
] as const;

type LayerOf<E> = E extends LayerEntry<infer L> ? L : never;
type Known = LayerOf<typeof LAYERS[number]>;

/** A layer as plain data, tagged by `kind`. */
export type Layer =
  | Exclude<Known, ResidualLayer | ConcatLayer>
  | ResidualLayer<Layer>
  | ConcatLayer<Layer>;

/** The layer of one kind. */
export type LayerKind<K extends Layer["kind"]> = Extract<Layer, { readonly kind: K }>;

/** A layer's entry. @throws {RangeError} for a kind that is not in the catalogue. */
export function entryOf({ kind }: AnyLayer): LayerEntry<AnyLayer> {
  const entry = LAYERS.find((each) => each.kind === kind);
  if (entry) return entry as LayerEntry<AnyLayer>;
  const known = LAYERS.map((each) => each.kind).join(", ");
  throw new RangeError(`Unknown layer ${JSON.stringify(kind)}; allowed: ${known}`);
}
