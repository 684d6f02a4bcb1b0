import { z } from "zod";

const name = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, {
  error: "expected a name in lower case, such as conv1",
}).exactOptional().meta({
  description: "the layer in names of parameters, such as conv1/kernel; its kind and place where left out",
});

const conv = z.strictObject({
  kind: z.literal("conv"),
  name,
  filters: z.int().min(1).max(2048).meta({ description: "channels of the output" }),
  kernel: z.int().min(1).max(31).default(3).meta({ description: "side of the square kernel, in pixels" }),
  stride: z.int().min(1).max(8).default(1).meta({ description: "pixels from one window to the next" }),
  padding: z.enum(["same", "valid"]).default("same").meta({
    description: "same: zeros around the image, so that the output has ⌈side / stride⌉ rows; valid: none",
  }),
  bias: z.boolean().default(true).meta({
    description: "false before a batch norm, whose offset does the same",
  }),
  init_std: z.number().gt(0).max(10).exactOptional().meta({
    description:
      "standard deviation of the initial kernel; √(2 / inputs) where left out (He), 0.01 of the last layer",
  }),
}).meta({ description: "Convolution with a square kernel; of 1 pixel, a linear layer for each position." });

const batchNorm = z.strictObject({ kind: z.literal("batch_norm"), name }).meta({
  description: "Normalisation of each channel over the batch, with scale and offset.",
});

const relu = z.strictObject({ kind: z.literal("relu") }).meta({ description: "max(x, 0)." });

const maxPool = z.strictObject({
  kind: z.literal("max_pool"),
  size: z.int().min(2).max(32).default(2).meta({
    description: "side of the window and its stride, in pixels",
  }),
}).meta({ description: "The largest value of each square window." });

const upsample = z.strictObject({
  kind: z.literal("upsample"),
  size: z.int().min(2).max(32).default(2).meta({
    description: "pixels in a row, and in a column, that one pixel becomes",
  }),
}).meta({ description: "Each pixel repeated in a square (nearest neighbour)." });

const globalAveragePool = z.strictObject({ kind: z.literal("global_average_pool") }).meta({
  description: "The mean of each channel over the image: features for a dense layer.",
});

const dropout = z.strictObject({
  kind: z.literal("dropout"),
  name,
  rate: z.number().min(0).lt(1).meta({ description: "probability of a unit to be set to 0 while training" }),
}).meta({ description: "Dropout." });

const dense = z.strictObject({
  kind: z.literal("dense"),
  name,
  units: z.int().min(1).max(8192).exactOptional().meta({
    description: "features of the output; of the last layer the number of classes, and may be left out",
  }),
}).meta({ description: "Fully connected layer with bias." });

const embedding = z.strictObject({
  kind: z.literal("embedding"),
  name,
  vocabulary: z.int().min(1).max(65_536).exactOptional().meta({
    description: "different tokens; the data's where left out",
  }),
  units: z.int().min(1).max(2048).meta({ description: "length of a token's vector" }),
}).meta({ description: "A learned vector for each token: the first layer of a network for text." });

const positionalEmbedding = z.strictObject({ kind: z.literal("positional_embedding"), name }).meta({
  description: "A learned vector for each position, added.",
});

const layerNorm = z.strictObject({ kind: z.literal("layer_norm"), name }).meta({
  description: "Normalisation over the channels of each position, with scale and offset.",
});

const rmsNorm = z.strictObject({ kind: z.literal("rms_norm"), name }).meta({
  description: "Division by the root mean square over the channels of each position, with a scale.",
});

const gelu = z.strictObject({ kind: z.literal("gelu") }).meta({
  description: "x Φ(x), the Gaussian error linear unit in its exact form.",
});

const reluSquared = z.strictObject({ kind: z.literal("relu_squared") }).meta({ description: "max(x, 0)²." });

const attention = z.strictObject({
  kind: z.literal("attention"),
  name,
  heads: z.int().min(1).max(64).default(1).meta({ description: "parts that the units are shared among" }),
  causal: z.boolean().default(false).meta({
    description: "true: a position attends to itself and those before it alone",
  }),
  dropout: z.number().min(0).lt(1).exactOptional().meta({
    description:
      "probability of a weight, after the softmax, to be set to 0 while training; 0 where left out",
  }),
}).meta({
  description:
    "Multi-head attention over the positions. Its input has queries, keys and values side by side: " +
    "3 · units channels, of a conv of 1 pixel before it.",
});

const plain = [
  conv,
  batchNorm,
  relu,
  maxPool,
  upsample,
  globalAveragePool,
  dropout,
  dense,
  embedding,
  positionalEmbedding,
  layerNorm,
  rmsNorm,
  gelu,
  reluSquared,
  attention,
] as const;
/** Layers inside a branch hold no further branches. */
const inner = z.discriminatedUnion("kind", plain).meta({ id: "layer_in_branch" });
const MOST_INNER = 20;

const residual = z.strictObject({
  kind: z.literal("residual"),
  name,
  main: z.array(inner).min(1).max(MOST_INNER).meta({ description: "layers of the first branch" }),
  shortcut: z.array(inner).max(MOST_INNER).default([]).meta({
    description: "layers of the second branch; the input itself where left out",
  }),
}).meta({ description: "The sum of two branches from one input, which have to come out in one shape." });

/** Two branches side by side; `inside` is what they may hold. */
const concatOf = <T extends z.ZodType>(inside: T) =>
  z.strictObject({
    kind: z.literal("concat"),
    name,
    main: z.array(inside).min(1).max(MOST_INNER).meta({
      description: "layers of the first branch, which have to keep height and width",
    }),
    shortcut: z.array(inside).max(MOST_INNER).default([]).meta({
      description: "layers of the second branch; the input itself where left out",
    }),
  }).meta({ description: "The channels of two branches from one input, side by side: a skip connection." });

// Skip connections lie one within the other, four deep at most, as in a U-Net of five levels.
const deepest = z.discriminatedUnion("kind", [...plain, residual, concatOf(inner)]).meta({
  id: "layer_in_4",
});
const deeper = z.discriminatedUnion("kind", [...plain, residual, concatOf(deepest)]).meta({
  id: "layer_in_3",
});
const deep = z.discriminatedUnion("kind", [...plain, residual, concatOf(deeper)]).meta({ id: "layer_in_2" });
const concat = concatOf(deep);

/** More layers are no network of this lab. */
const MOST_LAYERS = 200;
const layers = z.array(z.discriminatedUnion("kind", [...plain, residual, concat])).min(1).max(MOST_LAYERS)
  .meta({
    description:
      "layers in order; the last is dense with a unit for each class or, for images with masks, a conv with a filter " +
      "for each class",
  });

/** A network of one's own, with its defaults filled in. Shapes are checked where the images are known. */
export const ownModel = z.strictObject({
  name: z.string().trim().min(1).max(60).exactOptional().meta({ description: "the network, in reports" }),
  layers,
}).meta({ description: "a network of one's own" });
export type OwnModel = z.output<typeof ownModel>;

/** A model of a spec: the name of one of the lab's, or a network of one's own. */
export const model = z.union([z.string(), ownModel], {
  error: "expected the name of a model, or { layers: [ … ] }",
}).meta({
  description:
    "one of `cnn-tiny`, `cnn-tiny-plain`, `cnn-small`, `cnn-dropout`, `cnn`, `resnet-20`, `vit-tiny`, `vit-small`, for " +
    "text `gpt-tiny`, `gpt-tiny-post-norm`, `gpt-small`, `gpt-small-post-norm`, for images with masks `unet-micro`, " +
    "`unet-tiny`, `unet-small`, or a network of one's own: `{ layers: [ … ] }`",
});

/** Keys that any layer may have: for messages about one that is not known. */
export const LAYER_KEYS = [
  ...new Set([...plain, residual, concat].flatMap(({ shape }) => Object.keys(shape))),
];
export const MODEL_KEYS = Object.keys(ownModel.shape);
/** Kinds of layers, in the order of messages. */
export const LAYER_KINDS = [...plain, residual, concat].map(({ shape }) => shape.kind.value);
