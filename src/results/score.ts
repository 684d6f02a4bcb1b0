import type { EvalEvent } from "#train/events.ts";

/**
 * The figure that runs are chosen by in tuning, sweeps, range tests and targets, and the metric of a sweep's file: shares,
 * higher is better. The likelihood of a token is e to minus the loss, 1 / perplexity.
 */
export const SCORE_METRICS = {
  "accuracy": "validation_accuracy",
  "Dice": "validation_dice",
  "token likelihood": "validation_token_likelihood",
} as const;

/** As a sentence names it. */
export type ScoreName = keyof typeof SCORE_METRICS;
export type ScoreMetric = typeof SCORE_METRICS[ScoreName];

interface Events {
  readonly events: readonly { readonly kind: string }[];
}

const evalsOf = ({ events }: Events) => events.filter((event): event is EvalEvent => event.kind === "eval");

/** True for a run of images with masks. */
export const hasMasks = (run: Events): boolean =>
  evalsOf(run).some(({ segmentation }) => segmentation !== undefined);

/** True for a run of text. */
export const hasText = (run: Events): boolean => evalsOf(run).some(({ text }) => text !== undefined);

export function scoreName(runs: readonly Events[]): ScoreName {
  if (runs.some(hasMasks)) return "Dice";
  return runs.some(hasText) ? "token likelihood" : "accuracy";
}

/** The name of a metric in a file; accuracy where an earlier lab wrote none. */
export function scoreOfMetric(metric: ScoreMetric = "validation_accuracy"): ScoreName {
  const found = Object.entries(SCORE_METRICS).find(([, one]) => one === metric);
  return found![0] as ScoreName;
}
