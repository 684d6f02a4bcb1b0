import { USUAL_MARGINS } from "#spec/margins.ts";
import { finalEvals, stepsToTarget } from "./final.ts";
import {
  entry,
  evaluated,
  figureOf,
  finalTrainingLoss,
  isOfSomeData,
  type Margin,
  type MaskKey,
  type MetricEntry,
  ofMasks,
  ofText,
  type TextKey,
} from "./metric_entry.ts";
import type { RunRecord } from "./run.ts";

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
  ofText("test_perplexity", "test", "perplexity", true),
  ofText("validation_perplexity", "validation", "perplexity", true),
  ofText("test_bits_per_character", "test", "bits_per_character", true),
  ofText("validation_bits_per_character", "validation", "bits_per_character", false),
];

/** Every metric, in the order of tables. A new one is an entry here. */
export const METRICS: readonly MetricEntry<MetricKey>[] = TABLE;
export type MetricKey = typeof TABLE[number]["key"];

/** The metrics in which arms are compared; those that only some data have come first, as runs are judged by them. */
export function comparedMetrics(has: (key: MetricKey) => boolean): readonly MetricEntry<MetricKey>[] {
  const compared = METRICS.filter((metric) => metric.compared);
  return [
    ...compared.filter((metric) => isOfSomeData(metric) && has(metric.key)),
    ...compared.filter((metric) => !isOfSomeData(metric)),
  ];
}

/**
 * A figure of other weights than those that training ended with. `NAME` is that of an average (`ema`, `swa`), of a
 * snapshot or of a cycle's average (`snapshot/2`, `cycle/2`), or one of two ensembles by mean probability: `ensemble`
 * of the arm's members, or of a run's snapshots (of its final weights where it has neither), and `cycles` of the
 * averages of a run's cycles.
 */
export type NamedMetric = `${"test" | "validation"}_${"accuracy" | "dice" | "perplexity"}:${string}`;
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

/** Keys of the figures among a run's final ones. */
export type FinalKey = Exclude<MetricKey, "steps_to_target" | MaskKey | TextKey>;

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

/** The metrics of text, each with what `of` makes of it. */
export function textFigures<T>(of: (key: MetricKey) => T): Record<TextKey, T> {
  const metrics = METRICS.filter(({ place }) => place === "text");
  return Object.fromEntries(metrics.map(({ key }) => [key, of(key)])) as Record<TextKey, T>;
}

/** A run's figures as its summary has them, by the metric's key. */
export function figuresOf(
  run: {
    readonly final: Readonly<Record<string, number | null>>;
    readonly masks?: Readonly<Record<string, number | null>>;
    readonly text?: Readonly<Record<string, number | null>>;
    readonly steps_to_target: number | null;
  },
): Readonly<Record<string, number | null>> {
  return { ...run.final, ...run.masks, ...run.text, steps_to_target: run.steps_to_target };
}
