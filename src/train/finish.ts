import { norm } from "#lib/norm.ts";
import { random } from "#lib/prng.ts";
import type { TrainEvent } from "./events.ts";
import type { Learner } from "./learner.ts";
import type { TrainPlan } from "./plan.ts";
import { estimateStatistics, evaluateModel } from "./judge.ts";
import { evaluationFigures } from "./step_event.ts";
import { averagedWeights, modelWeights, weightsOf } from "./weights.ts";
import type { Artifact, Retained, Weights } from "./trainer_state.ts";

/** Points of a path between two snapshots, both included. */
const PATH_POSITIONS = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];
/** Norm of a random change as a share of the norm of each kernel that it is added to. */
const SHARPNESS_RADIUS = 0.05;
const SHARPNESS_DIRECTIONS = 4;

interface Finished {
  /** Steps and epochs done. */
  readonly step: number;
  readonly epoch: number;
  /** Times that each average has taken the weights. */
  readonly averaged: ReadonlyMap<string, number>;
  readonly retained: Retained;
}

/**
 * After the last step: paths and sharpness on validation data, then every model of the run on both held-out splits.
 * Test data is read last, once for each model, when nothing can be decided by it any more.
 */
export async function* finish(
  learner: Learner,
  plan: TrainPlan,
  finished: Finished,
): AsyncGenerator<TrainEvent | Artifact> {
  const { step, epoch, averaged, retained } = finished;
  const { averages = [], network, predictions } = plan;
  const others = retained.size > 0 || averages.some(({ name }) => (averaged.get(name) ?? 0) > 0);
  if (!others && !predictions) {
    if (plan.readTest) {
      const figures = evaluationFigures(await evaluateModel(learner, plan, "test"));
      yield { kind: "eval", step, epoch, split: "test", ...figures };
    }
    return;
  }

  const state = await learner.save();
  const final = modelWeights(plan, state);
  // The weights it started from belong to its parent run.
  const own = [...retained].filter(([name]) => name !== "start");
  const models = new Map<string, Weights>([["final", final], ...own]);
  for (const { kind, name } of averages) {
    if (kind !== "cycle" && (averaged.get(name) ?? 0) > 0) {
      models.set(name, averagedWeights(network, state, name));
    }
  }
  const isAverage = (name: string) => averages.some((average) => average.name === name.split("/")[0]);
  const take = async (name: string, weights: Weights) => {
    await learner.load(weights);
    if (isAverage(name) || plan.judged) estimateStatistics(learner, plan);
  };

  if (plan.forensics) yield* forensics(learner, plan, plan.forensics.seed, finished, final);

  const kept: Record<string, Weights[string]> = {};
  for (const [name, weights] of models) {
    await take(name, weights);
    if (isAverage(name)) {
      const tensors = weightsOf(network, await learner.save());
      yield { kind: "save", name: `averages/${name.replace("/", "-")}`, tensors };
    }
    const named = name === "final" ? {} : { weights: name };
    if (name !== "final") {
      const seen = await judged(learner, "validation");
      yield { kind: "eval", step, epoch, split: "validation", ...named, ...seen };
    }
    if (plan.readTest) {
      yield { kind: "eval", step, epoch, split: "test", ...named, ...await judged(learner, "test") };
    }
    if (!predictions) continue;
    for (const split of ["validation", "test"] as const) {
      if (split === "test" && !plan.readTest) continue;
      const data = await learner.predict(split);
      kept[`${name}/${split}`] = { shape: [data.length / network.classes, network.classes], data };
    }
  }
  if (predictions) yield { kind: "save", name: "predictions", tensors: kept };
}

async function judged(learner: Learner, split: "validation" | "test") {
  return evaluationFigures(await learner.evaluate(split));
}

/** Loss along the straight lines between neighbouring snapshots, around each of them, and from start to end. */
async function* forensics(
  learner: Learner,
  plan: TrainPlan,
  seed: number,
  { step, retained }: Finished,
  final: Weights,
): AsyncGenerator<TrainEvent> {
  const { trainable } = plan.network;
  const snapshots = [...retained].flatMap(([name, weights]) =>
    name.startsWith("snapshot/") ? [{ cycle: Number(name.slice("snapshot/".length)), weights }] : []
  );
  const lossOf = async (weights: Weights) => {
    await learner.load(weights);
    estimateStatistics(learner, plan);
    return (await learner.evaluate("validation")).loss;
  };
  const line = async (a: Weights, b: Weights) => {
    const losses: number[] = [];
    for (const position of PATH_POSITIONS) losses.push(await lossOf(between(trainable, a, b, position)));
    const distance = normOf(trainable, b, a);
    const relative_distance = distance / normOf(trainable, a);
    return { distance, relative_distance, positions: PATH_POSITIONS, losses };
  };
  const start = retained.get("start");
  if (start) yield { kind: "path", step, from: "start", to: "end", ...await line(start, final) };
  for (const [index, { cycle, weights }] of snapshots.entries()) {
    const next = snapshots[index + 1];
    if (next) {
      yield { kind: "path", step, from: cycle, to: next.cycle, ...await line(weights, next.weights) };
    }
    const loss = await lossOf(weights);
    const rises: number[] = [];
    for (let direction = 0; direction < SHARPNESS_DIRECTIONS; direction++) {
      rises.push(await lossOf(shaken(trainable, weights, [seed, "sharpness", direction])) - loss);
    }
    yield { kind: "sharpness", step, cycle, radius: SHARPNESS_RADIUS, loss, rises };
  }
}

/** `a + share · (b − a)` over the trained parameters; the rest is `a`'s. */
function between(trainable: readonly string[], a: Weights, b: Weights, share: number): Weights {
  return replaced(trainable, a, (value, name, index) => value + share * (b[name]!.data[index]! - value));
}

/** Weights with a random change of {@link SHARPNESS_RADIUS} added to each kernel; vectors stay as they are. */
function shaken(trainable: readonly string[], weights: Weights, seed: readonly (number | string)[]): Weights {
  const kernels = trainable.filter((name) => weights[name]!.shape.length > 1);
  const changes = new Map(kernels.map((name) => {
    const source = random(...seed, name);
    const change = Float64Array.from(weights[name]!.data, () => source.normal());
    const scale = SHARPNESS_RADIUS * norm(weights[name]!.data) / norm(change);
    return [name, change.map((value) => value * scale)] as const;
  }));
  return replaced(kernels, weights, (value, name, index) => value + changes.get(name)![index]!);
}

function replaced(
  names: readonly string[],
  weights: Weights,
  value: (old: number, name: string, index: number) => number,
): Weights {
  const changed = names.map((name) => {
    const { shape, data } = weights[name]!;
    return [name, { shape, data: data.map((old, index) => value(old, name, index)) }] as const;
  });
  return { ...weights, ...Object.fromEntries(changed) };
}

/** Euclidean norm of the trained parameters, or of their distance from others. */
function normOf(trainable: readonly string[], weights: Weights, from?: Weights): number {
  return norm(trainable.map((name) => {
    const { data } = weights[name]!;
    return norm(from ? data.map((value, index) => value - from[name]!.data[index]!) : data);
  }));
}
