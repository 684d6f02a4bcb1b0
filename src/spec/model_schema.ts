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
}).meta({ description: "Convolution with a square kernel." });

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

const plain = [conv, batchNorm, relu, maxPool, upsample, globalAveragePool, dropout, dense] as const;
/** Layers inside a branch hold no further branches. */
const inner = z.discriminatedUnion("kind", plain);
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
    "one of `cnn-tiny`, `cnn-tiny-plain`, `cnn-small`, `cnn-dropout`, `cnn`, `resnet-20`, for images with masks " +
    "`unet-tiny`, `unet-small`, or a network of one's own: `{ layers: [ … ] }`",
});

/** Keys that any layer may have: for messages about one that is not known. */
export const LAYER_KEYS = [
  ...new Set([...plain, residual, concat].flatMap(({ shape }) => Object.keys(shape))),
];
export const MODEL_KEYS = Object.keys(ownModel.shape);
/** Kinds of layers, in the order of messages. */
export const LAYER_KINDS = [...plain, residual, concat].map(({ shape }) => shape.kind.value);
