import { USUAL_MARGINS } from "#spec/margins.ts";
import type { EvalEvent } from "#train/events.ts";
import { mean } from "#stats/summary.ts";
import { finalEval, finalEvals, steps, stepsToTarget } from "./final.ts";
import type { RunRecord } from "./run.ts";

/** One figure that a run is judged by. Everything that the lab says about a metric, it says from its entry. */
export interface MetricEntry<K extends string = string> {
  /** As files and exercises name it. */
  readonly key: K;
  /** Head of a column. */
  readonly label: string;
  /** In a sentence, where that is not the label. */
  readonly name?: string;
  /** Of the figure on disk and in CSV (`share`), as tables show it (`%`), and of a difference (`points`). */
  readonly units: { readonly raw: string; readonly shown: string; readonly difference: string };
  /** Factor from a figure on disk to the figure shown. */
  readonly scale: number;
  readonly decimals: number;
  readonly better: "higher" | "lower";
  /** Words for a difference above and below zero, where they are not `above` and `below`. */
  readonly words?: readonly [above: string, below: string];
  /** The largest difference that two runs can show, on disk's scale. */
  readonly largest: number;
  /** The smallest difference that the data can show, on disk's scale; 0 for none. */
  readonly resolution: (facts: ResolutionFacts) => number;
  /** The margin of differences that do not matter, among a spec's; absent for none. */
  readonly margin?: Margin;
  /** True for a metric in which every arm is compared with the baseline. */
  readonly compared: boolean;
  /**
   * The part of a run's summary that holds it: among its final figures, beside them, or among those of masks, which
   * only runs of images with masks have.
   */
  readonly place: "final" | "run" | "masks";
  /** The evaluation that it is a figure of, after the last step: then it also exists for other weights (`…:ema`). */
  readonly evaluation?: { readonly split: "test" | "validation"; readonly figure: EvaluationFigure };
  /**
   * The figure of a run, given with its lineage; `null` where it has none: it diverged, was stopped, or
   * never reached the target.
   */
  readonly read: (lineage: readonly RunRecord[], target: number | null) => number | null;
}

/** A figure of an evaluation: of all images, or of masks. */
type EvaluationFigure = "accuracy" | "loss" | MaskFigure;
type MaskFigure = "dice" | "iou" | "hausdorff_95" | "boundary_f1";

/** A key of a spec's `margin`: steps are a share of the run there. */
export type Margin = keyof typeof USUAL_MARGINS;

export interface ResolutionFacts {
  /** Images of the held-out splits: the resolution of an accuracy is one of them. */
  readonly images: { readonly validation: number; readonly test: number };
  /** Steps between evaluations. */
  readonly evalEvery: number;
}

const TABLE = [
  evaluated("test_accuracy", "test", "accuracy", true),
  evaluated("validation_accuracy", "validation", "accuracy", true),
  evaluated("test_loss", "test", "loss", false),
  evaluated("validation_loss", "validation", "loss", false),
  entry({
    key: "training_loss",
    label: "training loss",
    units: { raw: "nats", shown: "nats", difference: "nats" },
    scale: 1,
    decimals: 3,
    better: "lower",
    largest: Infinity,
    resolution: () => 0,
    margin: "loss",
    compared: true,
    place: "final",
    read: finalTrainingLoss,
  }),
  entry({
    key: "steps_to_target",
    label: "steps to target",
    name: "steps to the target",
    units: { raw: "", shown: "", difference: "steps" },
    scale: 1,
    decimals: 0,
    better: "lower",
    words: ["later than", "earlier than"],
    largest: Infinity,
    resolution: ({ evalEvery }) => evalEvery,
    margin: "steps",
    compared: true,
    place: "run",
    read: (lineage, target) => target === null ? null : stepsToTarget(lineage, target),
  }),
  ofMasks("test_dice", "Dice", "test", "dice", true),
  ofMasks("validation_dice", "Dice", "validation", "dice", true),
  ofMasks("test_iou", "IoU", "test", "iou", true),
  ofMasks("validation_iou", "IoU", "validation", "iou", false),
  ofMasks("test_hausdorff_95", "Hausdorff distance at 95 %", "test", "hausdorff_95", true),
  ofMasks("validation_hausdorff_95", "Hausdorff distance at 95 %", "validation", "hausdorff_95", false),
  ofMasks("test_boundary_f1", "boundary F1", "test", "boundary_f1", true),
  ofMasks("validation_boundary_f1", "boundary F1", "validation", "boundary_f1", false),
];

/** Every metric, in the order of tables. A new one is an entry here. */
export const METRICS: readonly MetricEntry<MetricKey>[] = TABLE;
export type MetricKey = typeof TABLE[number]["key"];

/**
 * A figure of other weights than those that training ended with. `NAME` is that of an average (`ema`, `swa`), of a
 * snapshot or of a cycle's average (`snapshot/2`, `cycle/2`), or one of two ensembles by mean probability: `ensemble`
 * of the arm's members, or of a run's snapshots (of its final weights where it has neither), and `cycles` of the
 * averages of a run's cycles.
 */
export type NamedMetric = `${"test" | "validation"}_${"accuracy" | "dice"}:${string}`;
export type Metric = MetricKey | NamedMetric;

/** The key and the weights of a metric: `test_accuracy:ema`; `null` for those that training ended with. */
export function partsOf(metric: string): { key: string; weights: string | null } {
  const [key, weights] = metric.split(/:(.*)/s);
  return { key: key!, weights: weights || null };
}

/**
 * The entry of a metric, also of one of other weights; `null` for a key that the table does not have.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { metricEntry } from "#results/metrics.ts";
 *
 * assert.equal(metricEntry("test_accuracy:ema")?.better, "higher");
 * assert.equal(metricEntry("training_loss")?.units.raw, "nats");
 * assert.equal(metricEntry("beauty"), null);
 * ```
 */
export function metricEntry(metric: string): MetricEntry | null {
  const { key } = partsOf(metric);
  return METRICS.find((one) => one.key === key) ?? null;
}

/**
 * As a sentence names it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { metricName } from "#results/metrics.ts";
 *
 * assert.equal(metricName("test_accuracy"), "test accuracy");
 * assert.equal(metricName("test_accuracy:ema"), "test accuracy (ema)");
 * ```
 */
export function metricName(metric: string): string {
  const { key, weights } = partsOf(metric);
  const found = metricEntry(key);
  return (found?.name ?? found?.label ?? key.replaceAll("_", " ")) + (weights ? ` (${weights})` : "");
}

/**
 * The unit of a difference, and the factor from a figure on disk to it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { unitOf } from "#results/metrics.ts";
 *
 * assert.deepEqual(unitOf("validation_accuracy"), { unit: "points", scale: 100 });
 * ```
 */
export function unitOf(metric: Metric): { unit: string; scale: number } {
  const { units, scale } = metricEntry(metric)!;
  return { unit: units.difference, scale };
}

/**
 * The largest difference that does not matter, on disk's scale; `undefined` for a metric that names none.
 *
 * @param margins those that a spec names; the metric's usual one where it names none.
 * @param steps steps of a run.
 *
 * @example One point of accuracy; a twentieth of the run
 * ```ts
 * import assert from "node:assert/strict";
 * import { marginOf } from "#results/metrics.ts";
 *
 * assert.equal(marginOf("test_accuracy", {}, 1000), 0.01);
 * assert.equal(marginOf("test_accuracy", { accuracy: 0.02 }, 1000), 0.02);
 * assert.equal(marginOf("steps_to_target", {}, 1000), 50);
 * ```
 */
export function marginOf(
  metric: Metric,
  margins: { readonly [K in Margin]?: number | undefined },
  steps: number,
): number | undefined {
  const { margin } = metricEntry(metric)!;
  if (margin === undefined) return undefined;
  return (margins[margin] ?? USUAL_MARGINS[margin]) * (margin === "steps" ? steps : 1);
}

/** A run's figure of a metric; of other weights, where the run has them. Ensembles are no figures of one run. */
export function metricOf(
  lineage: readonly RunRecord[],
  metric: Metric,
  target: number | null,
): number | null {
  const found = metricEntry(metric);
  const { weights } = partsOf(metric);
  if (weights === null || !found?.evaluation) return found?.read(lineage, target) ?? null;
  const { split, figure } = found.evaluation;
  const evaluation = finalEvals(lineage.at(-1)!).find((one) =>
    one.weights === weights && one.split === split
  );
  return evaluation ? figureOf(evaluation, figure) : null;
}

function figureOf(evaluation: EvalEvent, figure: EvaluationFigure): number | null {
  if (figure === "accuracy" || figure === "loss") return evaluation[figure];
  return evaluation.segmentation?.[figure] ?? null;
}

/** Keys of the figures among a run's final ones. */
export type FinalKey = Exclude<MetricKey, "steps_to_target" | MaskKey>;
/** Keys of the figures of masks. */
export type MaskKey = `${"test" | "validation"}_${MaskFigure}`;

/** The metrics among a run's final figures, each with what `of` makes of it. */
export function finalFigures<T>(of: (key: MetricKey) => T): Record<FinalKey, T> {
  const metrics = METRICS.filter(({ place }) => place === "final");
  return Object.fromEntries(metrics.map(({ key }) => [key, of(key)])) as Record<FinalKey, T>;
}

/** The metrics of masks, each with what `of` makes of it. */
export function maskFigures<T>(of: (key: MetricKey) => T): Record<MaskKey, T> {
  const metrics = METRICS.filter(({ place }) => place === "masks");
  return Object.fromEntries(metrics.map(({ key }) => [key, of(key)])) as Record<MaskKey, T>;
}

/** A run's figures as its summary has them, by the metric's key. */
export function figuresOf(
  run: {
    readonly final: Readonly<Record<string, number | null>>;
    readonly masks?: Readonly<Record<string, number | null>>;
    readonly steps_to_target: number | null;
  },
): Readonly<Record<string, number | null>> {
  return { ...run.final, ...run.masks, steps_to_target: run.steps_to_target };
}

/** An entry whose key is known to the compiler. */
function entry<const K extends string>(definition: MetricEntry<K>): MetricEntry<K> {
  return definition;
}

/** Accuracy or cross-entropy on a held-out split after the last step. */
function evaluated<const K extends string>(
  key: K,
  split: "test" | "validation",
  figure: "accuracy" | "loss",
  compared: boolean,
): MetricEntry<K> {
  const isAccuracy = figure === "accuracy";
  return {
    key,
    label: `${split} ${figure}`,
    units: isAccuracy
      ? { raw: "share", shown: "%", difference: "points" }
      : { raw: "nats", shown: "nats", difference: "nats" },
    scale: isAccuracy ? 100 : 1,
    decimals: isAccuracy ? 1 : 3,
    better: isAccuracy ? "higher" : "lower",
    // All images against none.
    largest: isAccuracy ? 1 : Infinity,
    resolution: ({ images }) => isAccuracy ? 1 / images[split] : 0,
    margin: isAccuracy ? "accuracy" : "loss",
    compared,
    place: "final",
    evaluation: { split, figure },
    read: (lineage) => finalEval(lineage.at(-1)!, split)?.[figure] ?? null,
  };
}

/** A figure of predicted masks on a held-out split after the last step, as `train/segmentation/scores.ts` defines it. */
function ofMasks<const K extends MaskKey>(
  key: K,
  name: string,
  split: "test" | "validation",
  figure: MaskFigure,
  compared: boolean,
): MetricEntry<K> {
  const isDistance = figure === "hausdorff_95";
  return {
    key,
    label: `${split} ${name}`,
    units: isDistance
      ? { raw: "pixels", shown: "pixels", difference: "pixels" }
      : { raw: "share", shown: "%", difference: "points" },
    scale: isDistance ? 1 : 100,
    decimals: isDistance ? 2 : 1,
    better: isDistance ? "lower" : "higher",
    largest: isDistance ? Infinity : 1,
    resolution: () => 0,
    margin: isDistance ? "distance" : "overlap",
    compared,
    place: "masks",
    evaluation: { split, figure },
    read: (lineage) => {
      const last = finalEval(lineage.at(-1)!, split);
      return last && figureOf(last, figure);
    },
  };
}

/** Mean training loss over the last tenth of the steps, of runs that came to their end. */
function finalTrainingLoss(lineage: readonly RunRecord[]): number | null {
  const losses = lineage.flatMap(steps).map(({ loss }) => loss);
  if (losses.length < lineage.at(-1)!.plan.total_steps - (lineage[0]!.plan.first_step ?? 0)) return null;
  return mean(losses.slice(-Math.max(1, Math.round(losses.length / 10))));
}
