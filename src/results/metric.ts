/** What a run is judged by; one number a run, where the run has it. */
export const METRICS = [
  "test_accuracy",
  "validation_accuracy",
  "validation_loss",
  "training_loss",
  "steps_to_target",
] as const;

/**
 * Accuracy of other weights than those that training ended with. `NAME` is that of an average (`ema`, `swa`), of a
 * snapshot or of a cycle's average (`snapshot/2`, `cycle/2`), or one of two ensembles by mean probability: `ensemble`
 * of the arm's members, or of a run's snapshots (of its final weights where it has neither), and `cycles` of the
 * averages of a run's cycles.
 */
export type NamedMetric = `${"test" | "validation"}_accuracy:${string}`;
export type Metric = typeof METRICS[number] | NamedMetric;

/** The split and the model of a named metric; `null` for the others. */
export function namedOf(metric: Metric): { split: "test" | "validation"; name: string } | null {
  const found = /^(test|validation)_accuracy:(.+)$/.exec(metric);
  return found && { split: found[1] as "test" | "validation", name: found[2]! };
}

/** Accuracy is told in points of a hundred, everything else in its own unit. */
export function unitOf(metric: Metric): { unit: string; scale: number } {
  switch (metric) {
    case "validation_loss":
    case "training_loss":
      return { unit: "nats", scale: 1 };
    case "steps_to_target":
      return { unit: "steps", scale: 1 };
    default:
      return { unit: "points", scale: 100 };
  }
}

/** The largest difference that two runs can show: all images against none, for accuracy. */
export function largestDifference(metric: Metric): number {
  return unitOf(metric).unit === "points" ? 1 : Infinity;
}

/** As a sentence names it: `test accuracy`, `test accuracy (ema)`. */
export function metricName(metric: string): string {
  const [quantity, name] = metric.split(/:(.*)/s);
  return quantity!.replaceAll("_", " ") + (name ? ` (${name})` : "");
}
