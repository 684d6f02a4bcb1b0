import type { ConvLayer, Layer } from "./model.ts";
import type { ModelEntry } from "./model_entry.ts";

/** Sizes of a transformer. */
export interface TransformerSizes {
  readonly blocks: number;
  /** Length of a position's vector. */
  readonly units: number;
  readonly heads: number;
}

/** Order of layer norm and sums: before attention and before the network, or behind each sum. */
export type NormPlace = "pre" | "post";

/** Standard deviation of the initial kernels of linear layers (GPT-2, Radford et al., 2019). */
const DEVIATION = 0.02;
/** Units of the network inside a block, as a multiple of the block's. */
const EXPANSION = 4;

const gelu: Layer = { kind: "gelu" };
const layerNorm = (name: string): Layer => ({ kind: "layer_norm", name });

/** A linear layer for each position: a convolution of one pixel. */
function linear(name: string, filters: number, init_std = DEVIATION): ConvLayer {
  return { kind: "conv", name, filters, kernel: 1, stride: 1, padding: "valid", bias: true, init_std };
}

/**
 * A block: attention and a network of two linear layers with GELU between them, each the main branch of a sum. The layers
 * that end a branch begin smaller by √(2 · blocks), as GPT-2's do, so that the sums don't grow with depth.
 */
function block(
  name: string,
  { blocks, units, heads }: TransformerSizes,
  { causal, norm }: { readonly causal: boolean; readonly norm: NormPlace },
): Layer[] {
  const last = DEVIATION / Math.sqrt(2 * blocks);
  const attention: Layer[] = [
    linear(`${name}/qkv`, 3 * units),
    { kind: "attention", name: `${name}/attention`, heads, causal },
    linear(`${name}/projection`, units, last),
  ];
  const network: Layer[] = [
    linear(`${name}/expand`, EXPANSION * units),
    gelu,
    linear(`${name}/contract`, units, last),
  ];
  return [attention, network].flatMap((main, index): Layer[] => {
    const normed = layerNorm(`${name}/norm${index + 1}`);
    const sum = (layers: Layer[]): Layer => ({
      kind: "residual",
      name: `${name}/sum${index + 1}`,
      main: layers,
      shortcut: [],
    });
    return norm === "pre" ? [sum([normed, ...main])] : [sum(main), normed];
  });
}

function blocksOf(
  sizes: TransformerSizes,
  settings: { readonly causal: boolean; readonly norm: NormPlace },
): Layer[] {
  const all = Array.from(
    { length: sizes.blocks },
    (_, index) => block(`block${index + 1}`, sizes, settings),
  );
  return settings.norm === "pre" ? [...all.flat(), layerNorm("norm")] : all.flat();
}

/**
 * A decoder for text (GPT-2's layers): tokens and positions embedded, causal blocks, and the next token's logits at every
 * position, `[tokens, 1, vocabulary]`.
 */
export function decoder(sizes: TransformerSizes, vocabulary: number, norm: NormPlace = "pre"): Layer[] {
  return [
    { kind: "embedding", name: "embedding", vocabulary, units: sizes.units },
    { kind: "positional_embedding", name: "positions" },
    ...blocksOf(sizes, { causal: true, norm }),
    { kind: "conv", name: "head", filters: vocabulary, kernel: 1, stride: 1, padding: "valid", bias: false },
  ];
}

/**
 * A vision transformer (Dosovitskiy et al., 2021) with learned positions and the mean over all positions in place of a
 * class token.
 */
function visionTransformer(sizes: TransformerSizes, patch: number, classes: number): Layer[] {
  return [
    {
      kind: "conv",
      name: "patches",
      filters: sizes.units,
      kernel: patch,
      stride: patch,
      padding: "valid",
      bias: true,
    },
    { kind: "positional_embedding", name: "positions" },
    ...blocksOf(sizes, { causal: false, norm: "pre" }),
    { kind: "global_average_pool" },
    { kind: "dense", name: "dense", units: classes },
  ];
}

const TINY: TransformerSizes = { blocks: 2, units: 32, heads: 2 };
const SMALL: TransformerSizes = { blocks: 4, units: 64, heads: 4 };
/** Side of a vision transformer's patches, in pixels. */
const PATCH = 4;

/** Transformers that a spec can name. */
export const TRANSFORMERS: Readonly<Record<string, ModelEntry>> = {
  "gpt-tiny": {
    doc:
      "decoder of 2 blocks of 32 units and 2 heads, layer norm before attention and before the GELU network (GPT-2's layers); " +
      "33,664 parameters for 96 tokens and a context of 64",
    labelUnit: "token",
    build: (_input, classes) => decoder(TINY, classes),
  },
  "gpt-tiny-post-norm": {
    doc: "gpt-tiny with layer norm behind each sum, the order of the first transformers; 33,600 parameters",
    labelUnit: "token",
    build: (_input, classes) => decoder(TINY, classes, "post"),
  },
  "gpt-small": {
    doc:
      "the same with 4 blocks of 64 units and 4 heads; 216,448 parameters for 96 tokens and a context of 64",
    labelUnit: "token",
    build: (_input, classes) => decoder(SMALL, classes),
  },
  "gpt-small-post-norm": {
    doc: "gpt-small with layer norm behind each sum, the order of the first transformers; 216,320 parameters",
    labelUnit: "token",
    build: (_input, classes) => decoder(SMALL, classes, "post"),
  },
  "vit-tiny": {
    doc:
      "vision transformer of 2 blocks of 32 units and 2 heads on patches of 4×4 pixels, with learned positions and the mean " +
      "over them before the last layer; 27,882 parameters for 16×16 pixels",
    multiple: PATCH,
    build: (_input, classes) => visionTransformer(TINY, PATCH, classes),
  },
  "vit-small": {
    doc: "the same with 4 blocks of 64 units and 4 heads; 207,946 parameters for 32×32 pixels",
    multiple: PATCH,
    build: (_input, classes) => visionTransformer(SMALL, PATCH, classes),
  },
};
