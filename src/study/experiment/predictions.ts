import type { Logits } from "#stats/ensemble.ts";
import type { RunPlan } from "#results/run.ts";

/** Logits of one set of weights on the held-out splits. */
export interface ModelPredictions {
  readonly validation: Logits;
  readonly test: Logits;
}

/** Predictions of a run by model name: `final`, `snapshot/2`, `ema`, `cycle/2`. */
export type RunPredictions = ReadonlyMap<string, ModelPredictions>;

/** A tensor of a predictions file, as the safetensors decoder gives it. */
export interface PredictionTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/**
 * The tensors of `predictions.safetensors` by model. Tensors are named `<model name>/validation` and
 * `<model name>/test`, both `[images, classes]`.
 *
 * @throws {TypeError} for another name or shape, or a model that lacks a split.
 */
export function predictionsOf(tensors: Iterable<readonly [string, PredictionTensor]>): RunPredictions {
  const splits = new Map<string, { validation?: Logits; test?: Logits }>();
  for (const [name, { shape, data }] of tensors) {
    const found = /^(.+)\/(validation|test)$/.exec(name);
    const [images, classes] = shape;
    if (!found) {
      throw new TypeError(`Cannot use the tensor ${name}: it is named neither …/validation nor …/test`);
    }
    if (shape.length !== 2 || images! * classes! !== data.length) {
      throw new TypeError(
        `Cannot use the tensor ${name} of shape [${shape.join(", ")}]: expected [images, classes]`,
      );
    }
    const model = splits.get(found[1]!) ?? {};
    model[found[2] as "validation" | "test"] = { images: images!, classes: classes!, values: data };
    splits.set(found[1]!, model);
  }
  return new Map(
    [...splits].map(([name, { validation, test }]) => {
      if (!validation || !test) {
        throw new TypeError(`Cannot use the predictions of ${name}: a split is missing`);
      }
      return [name, { validation, test }];
    }),
  );
}

/** Names of a run's snapshots, by cycle; of `final` where it saved none. */
export function memberNames(predictions: RunPredictions): string[] {
  const snapshots = numbered(predictions, "snapshot");
  return snapshots.length > 0 ? snapshots : predictions.has("final") ? ["final"] : [];
}

/** Names of the averages of a run's cycles, by cycle. */
export function cycleNames(plan: RunPlan, predictions: RunPredictions): string[] {
  const averages = plan.averages?.filter(({ kind }) => kind === "cycle").map(({ name }) => name) ?? [];
  return averages.flatMap((name) => numbered(predictions, name));
}

function numbered(predictions: RunPredictions, stem: string): string[] {
  const number = (name: string) => Number(name.slice(stem.length + 1));
  return [...predictions.keys()]
    .filter((name) => name.startsWith(`${stem}/`) && Number.isInteger(number(name)))
    .sort((a, b) => number(a) - number(b));
}

/** The seed that a run stands for: for one of several independent members, that of the arm. */
export function seedOf({ seed, member }: RunPlan): number {
  return member?.of ?? seed;
}
