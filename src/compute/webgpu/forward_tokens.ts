import { attentionDropout } from "../layers/attention.ts";
import type { LayerKind } from "../layers/catalog.ts";
import { LAYER_NORM_EPSILON } from "../layers/layer_norm.ts";
import type { Layer } from "../model.ts";
import { drop } from "./drop.ts";
import { dropoutMaskOf, type ForwardPlace, outputOf, single } from "./forward_place.ts";
import { gelu, reluSquared } from "./kernels/activation.ts";
import {
  attentionOutput,
  attentionScores,
  type AttentionShape,
  attentionSoftmax,
} from "./kernels/attention.ts";
import { addToEach, embed, type EmbeddingShape } from "./kernels/embedding.ts";
import { type TokenNorm, tokenNorm } from "./kernels/token_norm.ts";
import { type Recorded, rowsOf, size, type Stage } from "./stages.ts";

type Forward = { readonly [K in Layer["kind"]]?: (layer: LayerKind<K>, place: ForwardPlace) => Recorded };

/** Layers of networks for tokens, by their kind. */
export const TOKEN_FORWARD = {
  embedding: (layer, place) =>
    single(place, embed(embeddingShape(layer, place.stage)), place.store.variable(`${layer.name}/kernel`)),
  positional_embedding: ({ name }, place) => {
    const [batch, ...image] = place.stage.input;
    return single(place, addToEach(batch!, size(image)), place.store.variable(`${name}/kernel`));
  },
  layer_norm: ({ name }, place) => norm(name, true, place),
  rms_norm: ({ name }, place) => norm(name, false, place),
  gelu: (_layer, place) => single(place, gelu(size(place.stage.input))),
  relu_squared: (_layer, place) => single(place, reluSquared(size(place.stage.input))),
  attention: (layer, place) => attend(layer, place),
} satisfies Forward;

export function embeddingShape(
  { vocabulary, units }: LayerKind<"embedding">,
  { input }: Stage,
): EmbeddingShape {
  return { rows: size(input), vocabulary, units };
}

export function normShape({ input }: Stage, centred: boolean): TokenNorm {
  return { ...rowsOf(input), centred, epsilon: LAYER_NORM_EPSILON };
}

export function attentionShape(
  { heads, causal }: LayerKind<"attention">,
  { output }: Stage,
): AttentionShape {
  const [batch, height, width, units] = output;
  return { batch: batch!, tokens: height! * width!, units: units!, heads, causal };
}

/** Shape of attention's weights. */
export function weightsOf({ batch, heads, tokens }: AttentionShape): number[] {
  return [batch, heads, tokens, tokens];
}

function norm(name: string, centred: boolean, place: ForwardPlace): Recorded {
  const { recorder, stage, store, x } = place;
  const y = outputOf(place);
  const shape = normShape(stage, centred);
  const statistics = recorder.buffer(`statistics of ${name}`, 2 * shape.rows);
  const affine = (centred ? ["gamma", "beta"] : ["gamma"]).map((each) => store.variable(`${name}/${each}`));
  recorder.run(tokenNorm(shape), x, ...affine, y, statistics);
  return { ...stage, x, y, statistics };
}

function attend(layer: LayerKind<"attention">, place: ForwardPlace): Recorded {
  const { recorder, stage, x, mode } = place;
  const attention = attentionShape(layer, stage);
  const shape = weightsOf(attention);
  const all = recorder.buffer("attention weights", size(shape));
  const y = outputOf(place);
  recorder.run(attentionScores(attention), x, all);
  recorder.run(attentionSoftmax(attention), all);
  const drops = attentionDropout(layer);
  const mask = drops && dropoutMaskOf(mode);
  const kept = mask
    ? drop(recorder, drops, stage, { x: all, shape, mask, label: "kept attention weights" })
    : all;
  recorder.run(attentionOutput(attention), kept, x, y);
  return { ...stage, x, y, weights: { all, kept }, ...(mask && { dropoutMask: mask }) };
}
