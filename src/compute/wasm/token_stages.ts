import { attentionDropout } from "../layers/attention.ts";
import { attentionStage, weightFloats } from "./attention_stage.ts";
import { dropsOf } from "./drops.ts";
import { embeddingStage, positionStage } from "./embedding_stage.ts";
import type { Fused } from "./fuse.ts";
import { layerNormStage } from "./layer_norm_stage.ts";
import type { Builders, Place } from "./plan_place.ts";
import { smoothActivationStage } from "./smooth_activation_stage.ts";

/** The layers of transformers, but for linear ones, which are convolutions. */
export const TOKEN_STAGES = {
  embedding: ({ name, vocabulary }, _at, place) =>
    embeddingStage({ ...place, vocabulary, vectors: place.slot(`${name}/kernel`) }),
  positional_embedding: ({ name }, _at, place) =>
    positionStage({ ...place, vectors: place.slot(`${name}/kernel`) }),
  layer_norm: ({ name }, { current }, place) => {
    const beta = place.slot(`${name}/beta`);
    return layerNormStage({ ...place, ...normPlaces(name, current, place), beta });
  },
  rms_norm: ({ name }, { current }, place) =>
    layerNormStage({ ...place, ...normPlaces(name, current, place), beta: null }),
  gelu: (_layer, _at, place) => smoothActivationStage({ ...place, slopes: floatsOf(place), squared: false }),
  relu_squared: (_layer, _at, place) =>
    smoothActivationStage({ ...place, slopes: floatsOf(place), squared: true }),
  attention: (layer, { current }, place) => {
    const { heads, causal } = layer;
    const [height, width] = current.shape;
    const weights = place.arena.floats(place.batch * heads * weightFloats(height * width));
    const dropped = attentionDropout(layer);
    const drops = dropped ? dropsOf(dropped, place.dropoutSeed) : null;
    return attentionStage({ ...place, heads, causal, drops, weights, scratch: place.scratch.attention });
  },
} satisfies Builders;

/** Room for as many floats as a batch of outputs has. */
function floatsOf({ arena, batch, output: { height, width, channels } }: Place): number {
  return arena.floats(batch * height * width * channels);
}

/** What both norms of positions need. */
function normPlaces(
  name: string,
  { shape: [height, width, channels] }: Fused,
  { arena, batch, slot }: Place,
) {
  return {
    gamma: slot(`${name}/gamma`),
    stats: arena.floats(batch * height * width * 2),
    sums: arena.floats(2 * channels),
  };
}
