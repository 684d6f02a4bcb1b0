import type { LabelUnit } from "#train/data.ts";
import { entryOf } from "./layers/catalog.ts";
import type { ActivationShape } from "./layers/entry.ts";
import type { Layer, Model } from "./model.ts";
import { outputShape, parametersOf } from "./parameters.ts";

/** More would not fit beside the optimizer's slots, averages and checkpoints. */
const MOST_PARAMETERS = 20_000_000;
/** The layers of a network of one's own in messages, and the first of them. */
export const PLACE = "model.layers";
export const FIRST = `${PLACE}[0]`;

/** @throws {RangeError} for an embedding of what are no tokens, or of fewer than the data has. */
export function checkTokens(first: Layer, classes: number, labelUnit: LabelUnit): void {
  if (first.kind !== "embedding") return;
  if (labelUnit !== "token") {
    throw new RangeError(`${FIRST}: embedding takes tokens, which text has alone; images begin with conv`);
  }
  if (first.vocabulary < classes) {
    throw new RangeError(
      `${FIRST}: embedding has a vocabulary of ${first.vocabulary}, fewer than the data's ${classes} tokens`,
    );
  }
}

/** @throws {RangeError} for a layer that sees the tokens which are to be predicted: it would copy them. */
export function checkCausal(layers: readonly Layer[], place: string): void {
  layers.forEach((layer, index) => {
    const here = `${place}[${index}]`;
    if (layer.kind === "residual" || layer.kind === "concat") {
      checkCausal(layer.main, `${here}.main`);
      checkCausal(layer.shortcut, `${here}.shortcut`);
    }
    if (!entryOf(layer).looksAhead?.(layer)) return;
    throw new RangeError(
      `${here}: ${layer.kind} sees the tokens that are to be predicted; positions of text are joined by attention with ` +
        "`causal: true` alone, and a conv has a kernel of 1",
    );
  });
}

/** Output shape of layers, each checked against its input. @throws {RangeError} with the place of the first that fails. */
export function shapeOf(layers: readonly Layer[], input: ActivationShape, place: string): ActivationShape {
  return layers.reduce((shape: ActivationShape, layer, index) => {
    const here = `${place}[${index}]`;
    if (layer.kind === "residual" || layer.kind === "concat") {
      shapeOf(layer.main, shape, `${here}.main`);
      shapeOf(layer.shortcut, shape, `${here}.shortcut`);
    }
    try {
      return outputShape(layer, shape);
    } catch (error) {
      throw new RangeError(`${here}: ${(error as Error).message}`, { cause: error });
    }
  }, input);
}

/** @throws {RangeError} for more than {@link MOST_PARAMETERS}. */
export function checkParameters(model: Model): void {
  const sizes = parametersOf(model).map(({ name, shape }) => ({
    name,
    count: shape.reduce((product, size) => product * size, 1),
  }));
  const total = sizes.reduce((sum, { count }) => sum + count, 0);
  if (total <= MOST_PARAMETERS) return;
  const largest = sizes.reduce((most, each) => each.count > most.count ? each : most);
  throw new RangeError(
    `${PLACE}: the network has ${total} parameters; at most ${MOST_PARAMETERS} are trained (${largest.name} alone has ` +
      `${largest.count})`,
  );
}
