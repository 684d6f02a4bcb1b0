import type { LearnerOptions } from "#compute/device.ts";
import type { Layer, Model } from "#compute/model.ts";
import { initialWeights } from "#compute/parameters.ts";
import { drawWindows, grammarFacts } from "#datasets/text/draw.ts";
import { GRAMMAR_CHARACTERS } from "#datasets/text/grammar.ts";
import type { TrainingData } from "#train/data.ts";
import { SGD } from "../conformance/support.ts";

/** Few windows of the grammar. */
export function textData(context = 12, train = 40): TrainingData {
  const set = (split: "train" | "validation" | "test", count: number) =>
    drawWindows(split, count, context, 3);
  return {
    name: "grammar",
    shape: [context, 1, 1],
    classes: GRAMMAR_CHARACTERS,
    labelUnit: "token",
    text: grammarFacts(context),
    train: set("train", train),
    validation: set("validation", 13),
    test: set("test", 7),
    mean: [0],
    std: [1 / 255],
    digest: "text",
  };
}

const conv = (name: string, filters: number, kernel: number): Layer => ({
  kind: "conv",
  name,
  filters,
  kernel,
  stride: 1,
  padding: "same",
  bias: true,
});

/** Logits for each token by convolutions, which see neighbours on both sides: quick, and no language model. */
export function convolutions(context = 12): Model {
  return {
    name: "convolutions",
    input: [context, 1, 1],
    classes: GRAMMAR_CHARACTERS.length,
    layers: [
      { kind: "batch_norm", name: "scale" },
      conv("conv1", 8, 3),
      { kind: "relu" },
      conv("head", GRAMMAR_CHARACTERS.length, 1),
    ],
  };
}

export function textOptions(more: Partial<LearnerOptions> = {}): LearnerOptions {
  const model = convolutions();
  return {
    model,
    optimizer: SGD,
    data: textData(),
    batchSize: 8,
    initial: initialWeights(model, 1),
    ...more,
  };
}
