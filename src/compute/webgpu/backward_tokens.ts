import { attentionDropout } from "../layers/attention.ts";
import type { LayerKind } from "../layers/catalog.ts";
import type { Layer } from "../model.ts";
import { type BackwardPlace, inputOf } from "./backward_place.ts";
import { drop } from "./drop.ts";
import { attentionShape, embeddingShape, normShape, weightsOf } from "./forward_tokens.ts";
import { geluGradient, reluSquaredGradient } from "./kernels/activation.ts";
import {
  attentionInputGradient,
  attentionSoftmaxGradient,
  attentionWeightGradient,
} from "./kernels/attention.ts";
import { joinGradients } from "./kernels/batch_norm.ts";
import { tokenOrder, tokenSums, tokenTotals } from "./kernels/embedding.ts";
import { reluGradient } from "./kernels/pool.ts";
import { columnSums, sumParts } from "./kernels/sums.ts";
import { tokenNormGradients, tokenNormInputGradient } from "./kernels/token_norm.ts";
import { size } from "./stages.ts";

type Backward = {
  readonly [K in Layer["kind"]]?: (layer: LayerKind<K>, place: BackwardPlace) => GPUBuffer | null;
};

/** Layers of networks for tokens, by their kind. */
export const TOKEN_BACKWARD = {
  embedding: (layer, place) => embedding(layer, place),
  positional_embedding: ({ name }, place) => positions(name, place),
  layer_norm: ({ name }, place) => norm(name, true, place),
  rms_norm: ({ name }, place) => norm(name, false, place),
  gelu: (_layer, place) =>
    inputOf(place, ({ input, x, mask, dx }) => {
      place.recorder.run(geluGradient(size(input), { mask }), x, place.dy, dx);
    }),
  relu_squared: (_layer, place) =>
    inputOf(place, ({ input, x, dx }) => {
      place.recorder.run(reluSquaredGradient(size(input)), x, place.dy, dx);
    }),
  attention: (layer, place) => attention(layer, place),
} satisfies Backward;

function embedding(layer: LayerKind<"embedding">, { recorder, stage, store, dy }: BackwardPlace): null {
  const shape = embeddingShape(layer, stage);
  const { rows, vocabulary, units } = shape;
  const order = recorder.buffer("order of tokens", rows);
  const starts = recorder.buffer("starts of tokens", vocabulary + 1);
  const partial = recorder.buffer(`parts of ${layer.name}`, rows * units);
  recorder.run(tokenOrder(shape), stage.x, order, starts);
  recorder.run(tokenSums(shape), stage.x, order, dy, partial);
  recorder.run(tokenTotals(shape), starts, partial, store.gradient(`${layer.name}/kernel`));
  // Tokens are a network's input: nobody needs a gradient for them.
  return null;
}

/** The gradient for the input is that for the output. */
function positions(name: string, place: BackwardPlace): GPUBuffer | null {
  const { recorder, stage, store, dy, want } = place;
  const [batch, ...image] = stage.input;
  const { kernel, parts } = columnSums(batch!, size(image), recorder.gpu.tuning);
  const partial = recorder.buffer(`parts of ${name}`, parts * size(image));
  recorder.run(kernel, dy, partial);
  recorder.run(sumParts(parts, size(image)), partial, store.gradient(`${name}/kernel`));
  if (!want.maskInput) return want.needsInput ? dy : null;
  return inputOf(place, ({ input, x, dx }) => recorder.run(reluGradient(size(input)), x, dy, dx));
}

function norm(name: string, centred: boolean, place: BackwardPlace): GPUBuffer | null {
  const { recorder, stage, store, dy } = place;
  const shape = normShape(stage, centred);
  const { tuning } = recorder.gpu;
  const { kernel, parts } = tokenNormGradients(shape, tuning);
  const partial = recorder.buffer(`gradient parts of ${name}`, parts * (centred ? 2 : 1) * shape.channels);
  recorder.run(kernel, stage.x, stage.statistics!, dy, partial);
  const dGamma = store.gradient(`${name}/gamma`);
  if (centred) recorder.run(joinGradients(shape, tuning), partial, dGamma, store.gradient(`${name}/beta`));
  else recorder.run(sumParts(parts, shape.channels), partial, dGamma);
  return inputOf(place, ({ x, mask, dx }) => {
    const gamma = store.variable(`${name}/gamma`);
    recorder.run(tokenNormInputGradient(shape, { mask }), x, stage.statistics!, gamma, dy, dx);
  });
}

function attention(layer: LayerKind<"attention">, place: BackwardPlace): GPUBuffer | null {
  const { recorder, stage, dy } = place;
  const attention = attentionShape(layer, stage);
  const shape = weightsOf(attention);
  return inputOf(place, ({ x, mask, masked, dx }) => {
    const { all, kept } = stage.weights!;
    const dKept = recorder.buffer("kept attention weights gradient", size(shape));
    recorder.run(attentionWeightGradient(attention), dy, x, dKept);
    const { dropoutMask } = stage;
    const label = "attention scores gradient";
    const dScores = dropoutMask
      ? drop(recorder, attentionDropout(layer)!, stage, { x: dKept, shape, mask: dropoutMask, label })
      : dKept;
    recorder.run(attentionSoftmaxGradient(attention), all, dScores);
    recorder.run(attentionInputGradient(attention, "queries", { mask }), dScores, x, dx);
    recorder.run(attentionInputGradient(attention, "keys", { mask }), dScores, x, dx);
    recorder.run(attentionInputGradient(attention, "values", { mask }), kept, dy, ...masked, dx);
  });
}
