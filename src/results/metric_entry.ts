import type { USUAL_MARGINS } from "#spec/margins.ts";
import { mean } from "#stats/summary.ts";
import type { EvalEvent } from "#train/events.ts";
import type { TextScores } from "#train/text_scores.ts";
import { finalEval, steps } from "./final.ts";
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
   * The part of a run's summary that holds it: among its final figures, beside them, or among those of masks or of text,
   * which only runs of such data have.
   */
  readonly place: "final" | "run" | "masks" | "text";
  /** The evaluation that it is a figure of, after the last step: then it also exists for other weights (`…:ema`). */
  readonly evaluation?: { readonly split: "test" | "validation"; readonly figure: EvaluationFigure };
  /**
   * The figure of a run, given with its lineage; `null` where it has none: it diverged, was stopped, or
   * never reached the target.
   */
  readonly read: (lineage: readonly RunRecord[], target: number | null) => number | null;
}

/** A figure of an evaluation: of all data, of masks, or of text. */
type EvaluationFigure = "accuracy" | "loss" | MaskFigure | TextFigure;
export type TextFigure = keyof TextScores;
export type MaskFigure = "dice" | "iou" | "hausdorff_95" | "boundary_f1";

/** A key of a spec's `margin`: steps are a share of the run there. */
export type Margin = keyof typeof USUAL_MARGINS;

export interface ResolutionFacts {
  /** Images of the held-out splits: the resolution of an accuracy is one of them. */
  readonly images: { readonly validation: number; readonly test: number };
  /** Steps between evaluations. */
  readonly evalEvery: number;
}

/** Keys of the figures of masks, and of text. */
export type MaskKey = `${"test" | "validation"}_${MaskFigure}`;
export type TextKey = `${"test" | "validation"}_${TextFigure}`;

/** True for a metric that only runs of some kind of data have. */
export const isOfSomeData = ({ place }: Pick<MetricEntry, "place">): boolean =>
  place === "masks" || place === "text";

/** An entry whose key is known to the compiler. */
export function entry<const K extends string>(definition: MetricEntry<K>): MetricEntry<K> {
  return definition;
}

/** Accuracy or cross-entropy on a held-out split after the last step. */
export function evaluated<const K extends string>(
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
export function ofMasks<const K extends MaskKey>(
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

/** A figure of predicted text on a held-out split after the last step, as `train/text_scores.ts` defines it. */
export function ofText<const K extends TextKey>(
  key: K,
  split: "test" | "validation",
  figure: TextFigure,
  compared: boolean,
): MetricEntry<K> {
  const isPerplexity = figure === "perplexity";
  const unit = isPerplexity ? "" : "bits";
  return {
    key,
    label: `${split} ${isPerplexity ? "perplexity" : "bits a character"}`,
    units: { raw: unit, shown: "", difference: unit },
    scale: 1,
    decimals: isPerplexity ? 2 : 3,
    better: "lower",
    largest: Infinity,
    resolution: () => 0,
    ...(isPerplexity && { margin: "perplexity" as const }),
    compared,
    place: "text",
    evaluation: { split, figure },
    read: (lineage) => {
      const last = finalEval(lineage.at(-1)!, split);
      return last && figureOf(last, figure);
    },
  };
}

/** Mean training loss over the last tenth of the steps, of runs that came to their end. */
export function finalTrainingLoss(lineage: readonly RunRecord[]): number | null {
  const losses = lineage.flatMap(steps).map(({ loss }) => loss);
  if (losses.length < lineage.at(-1)!.plan.total_steps - (lineage[0]!.plan.first_step ?? 0)) return null;
  return mean(losses.slice(-Math.max(1, Math.round(losses.length / 10))));
}

/** A figure of an evaluation; `null` where its data are of another kind. */
export function figureOf(evaluation: EvalEvent, figure: EvaluationFigure): number | null {
  if (figure === "accuracy" || figure === "loss") return evaluation[figure];
  if (figure === "perplexity" || figure === "bits_per_character") return evaluation.text?.[figure] ?? null;
  return evaluation.segmentation?.[figure] ?? null;
}
