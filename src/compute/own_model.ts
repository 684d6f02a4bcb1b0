import { assertNever } from "#lib/assert_never.ts";
import type { LabelUnit } from "#train/data.ts";
import type { Layer, Model } from "./model.ts";
import { checkCausal, checkParameters, checkTokens, FIRST, PLACE, shapeOf } from "./own_model_checks.ts";

type Unnamed<L> = L extends { readonly name: string } ? Omit<L, "name"> & { readonly name?: string } : L;

/** A layer as a spec has it: a name may be left out. */
export type LayerRequest =
  | Unnamed<Exclude<Layer, { readonly kind: "residual" | "concat" | "dense" | "embedding" }>>
  /** The vocabulary may be left out: the number of classes. */
  | {
    readonly kind: "embedding";
    readonly name?: string;
    readonly vocabulary?: number;
    readonly units: number;
  }
  /** Units may be left out of the last layer: the number of classes. */
  | { readonly kind: "dense"; readonly name?: string; readonly units?: number }
  | {
    readonly kind: "residual" | "concat";
    readonly name?: string;
    readonly main: readonly LayerRequest[];
    readonly shortcut: readonly LayerRequest[];
  };

/** A network of one's own. */
export interface OwnModelRequest {
  readonly name?: string;
  readonly layers: readonly LayerRequest[];
}

/** Stems of the names that unnamed layers get; layers without variables and dropout need none. */
const STEMS: Readonly<Record<string, string>> = {
  conv: "conv",
  batch_norm: "norm",
  dropout: "dropout",
  dense: "dense",
  embedding: "embedding",
  positional_embedding: "positions",
  layer_norm: "layer_norm",
  rms_norm: "rms_norm",
  attention: "attention",
  residual: "block",
  concat: "skip",
};
/** First parts of the names of a checkpoint's other tensors. */
const RESERVED = ["optimizer", "retained", "average", "lr_lab"];

/**
 * A network of one's own for images of a shape, every layer named and every shape checked.
 *
 * Unnamed layers are called after their kind and their number among it (`conv1`, `norm2`), the last one `dense`: as the
 * lab's own models do, which are the same networks, from the same initial weights, when they are written out in layers.
 *
 * @param labelUnit the unit that has a label: for pixels and tokens the last layer is a convolution, which gives logits for
 * each.
 * @throws {RangeError} for a layer that does not fit its input, a name that occurs twice, another number of outputs than
 * classes, layers of text that see later tokens, or more than 20,000,000 parameters; the message has the layer, the shape and what would do.
 */
export function buildOwnModel(
  { name = "own", layers }: OwnModelRequest,
  input: Model["input"],
  classes: number,
  labelUnit: LabelUnit = "image",
): Model {
  const last = layers.length - 1;
  const named = withNames(
    layers.map((layer, index) => {
      if (index === 0 && layer.kind === "embedding") return { vocabulary: classes, ...layer };
      return index === last && layer.kind === "dense" ? { units: classes, name: "dense", ...layer } : layer;
    }),
    "",
    PLACE,
  );
  checkTokens(named[0]!, classes, labelUnit);
  if (labelUnit === "token") checkCausal(named, PLACE);
  const output = shapeOf(named, input, PLACE);
  const head = named.at(-1)!.kind;
  const wanted = labelUnit === "image"
    ? { head: "dense", output: [classes] }
    : { head: "conv", output: [input[0], input[1], classes] };
  if (head !== wanted.head || output.join() !== wanted.output.join()) {
    const expected = labelUnit === "image"
      ? `dense with ${classes} units, one for each class`
      : `conv with ${classes} filters and an output of [${wanted.output}], a logit for each class in each ${labelUnit}`;
    throw new RangeError(
      `${PLACE}[${last}]: the last layer is ${head} and gives [${output}]; expected ${expected}`,
    );
  }
  const model = { name, input, classes, layers: named };
  checkParameters(model);
  return model;
}

/** @param stem what the names begin with: the branch that the layers are in. */
function withNames(layers: readonly LayerRequest[], stem: string, place: string): Layer[] {
  const counts = new Map<string, number>();
  const taken = new Map<string, string>();
  return layers.map((layer, index) => {
    const here = `${place}[${index}]`;
    const count = (counts.get(layer.kind) ?? 0) + 1;
    counts.set(layer.kind, count);
    const own = ("name" in layer ? layer.name : undefined) ?? `${STEMS[layer.kind]}${count}`;
    if (layer.kind in STEMS) {
      const twin = taken.get(own);
      if (twin !== undefined) {
        throw new RangeError(`${here}: the name ${JSON.stringify(own)} is that of ${twin} too`);
      }
      if (stem === "" && RESERVED.includes(own)) {
        throw new RangeError(
          `${here}: the name ${JSON.stringify(own)} is that of other tensors in a checkpoint`,
        );
      }
      taken.set(own, here);
    }
    return withName(layer, stem + own, here);
  });
}

function withName(layer: LayerRequest, name: string, place: string): Layer {
  switch (layer.kind) {
    case "relu":
    case "max_pool":
    case "upsample":
    case "global_average_pool":
    case "gelu":
    case "relu_squared":
      return layer;
    case "conv":
    case "batch_norm":
    case "dropout":
    case "positional_embedding":
    case "layer_norm":
    case "rms_norm":
    case "attention":
      return { ...layer, name };
    case "embedding": {
      const { vocabulary, units } = layer;
      if (place === FIRST && vocabulary !== undefined) return { kind: "embedding", name, vocabulary, units };
      throw new RangeError(`${place}: embedding takes tokens, so it can only be the network's first layer`);
    }
    case "dense": {
      const { units } = layer;
      if (units !== undefined) return { kind: "dense", name, units };
      throw new RangeError(
        `${place}: dense needs \`units\`; only the network's last layer may leave them out`,
      );
    }
    case "residual":
    case "concat":
      return {
        kind: layer.kind,
        name,
        main: withNames(layer.main, `${name}/`, `${place}.main`),
        shortcut: withNames(layer.shortcut, `${name}/shortcut/`, `${place}.shortcut`),
      };
    default:
      return assertNever(layer);
  }
}
