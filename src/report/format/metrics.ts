import { metricName } from "#results/metric.ts";

/** How a metric of a comparison is told. */
export interface MetricStyle {
  readonly name: string;
  /** Unit of a value and of a difference; empty for none. */
  readonly unit: string;
  readonly differenceUnit: string;
  /** What a raw value is multiplied by. */
  readonly scale: number;
  readonly decimals: number;
  /** Words for a difference above and below zero, as in "3.1 points above". */
  readonly words: readonly [above: string, below: string];
}

const STYLES: Record<string, MetricStyle> = {
  test_accuracy: accuracy("test accuracy"),
  validation_accuracy: accuracy("validation accuracy"),
  test_loss: loss("test loss"),
  validation_loss: loss("validation loss"),
  training_loss: loss("training loss"),
  steps_to_target: {
    name: "steps to the target",
    unit: "steps",
    differenceUnit: "steps",
    scale: 1,
    decimals: 0,
    words: ["later than", "earlier than"],
  },
};

function accuracy(name: string): MetricStyle {
  return { name, unit: "%", differenceUnit: "points", scale: 100, decimals: 1, words: ["above", "below"] };
}

function loss(name: string): MetricStyle {
  return { name, unit: "nats", differenceUnit: "nats", scale: 1, decimals: 3, words: ["above", "below"] };
}

/**
 * The style of a metric, also of one of named weights (`test_accuracy:ema`); a metric that is not known here is told by
 * its own name, to three decimals.
 */
export function metricStyle(metric: string): MetricStyle {
  const name = metricName(metric);
  const style = STYLES[metric.split(":")[0]!];
  return style
    ? { ...style, name: metric.includes(":") ? name : style.name }
    : { name, unit: "", differenceUnit: "", scale: 1, decimals: 3, words: ["above", "below"] };
}
