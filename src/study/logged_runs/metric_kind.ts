import { USUAL_MARGINS } from "#spec/margins.ts";

export type Better = "higher" | "lower";

/** Properties that a metric's name gives away. */
interface Known {
  readonly words: readonly string[];
  readonly better: Better;
  /** `share`: 0 … 1, or percent. `nats`: a loss. */
  readonly scale: "share" | "nats" | null;
}

/** The last word of a name that is known decides: `accuracy_loss` is a loss. */
const KNOWN: readonly Known[] = [
  {
    words: "acc accuracy top1 top5 f1 auc auroc auprc precision recall iou miou dice em match success winrate"
      .split(
        " ",
      ),
    better: "higher",
    scale: "share",
  },
  {
    words:
      "bleu rouge score reward return returns psnr ssim r2 mrr ndcg map correlation spearman pearson mcc throughput"
        .split(" "),
    better: "higher",
    scale: null,
  },
  { words: "loss nll xent ce entropy bpb bpc".split(" "), better: "lower", scale: "nats" },
  { words: "error err errors wer cer".split(" "), better: "lower", scale: "share" },
  {
    words: "perplexity ppl bits mse mae rmse fid kl time latency seconds".split(" "),
    better: "lower",
    scale: null,
  },
];

/** Rules by which a metric is read, judged and shown. */
export interface MetricKind {
  readonly better: Better | null;
  /** Unit of a difference; empty for none. */
  readonly unit: string;
  /** Factor from a logged value to the one shown. */
  readonly scale: number;
  /** The usual margin of differences that do not matter, in the logged unit; `null` for none. */
  readonly margin: number | null;
  /** The largest difference that there can be, in the logged unit. */
  readonly largest: number;
}

/**
 * The kind of a metric, by its name and its values: a share between 0 and 1 is shown in percent and differs in points.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { metricKind } from "#study/logged_runs/metric_kind.ts";
 *
 * const accuracy = metricKind("eval/accuracy", [0.71, 0.69]);
 * assert.deepEqual([accuracy.better, accuracy.unit, accuracy.margin], ["higher", "points", 0.01]);
 * assert.equal(metricKind("val_loss", [2.1]).better, "lower");
 * assert.equal(metricKind("quality", [2.1]).better, null);
 * ```
 */
export function metricKind(name: string, values: readonly number[]): MetricKind {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().split(/[^a-z0-9]+/);
  const known = words.reverse().flatMap((word) => KNOWN.find((one) => one.words.includes(word)) ?? [])[0];
  const plain = { better: known?.better ?? null, unit: "", scale: 1, margin: null, largest: Infinity };
  if (known?.scale === "nats") return { ...plain, unit: "nats", margin: USUAL_MARGINS.loss };
  if (known?.scale !== "share" || !values.every((value) => value >= 0 && value <= 100)) return plain;
  const isShare = values.every((value) => value <= 1);
  return isShare
    ? { ...plain, unit: "points", scale: 100, margin: USUAL_MARGINS.accuracy, largest: 1 }
    : { ...plain, unit: "points", margin: 100 * USUAL_MARGINS.accuracy, largest: 100 };
}

/** Decimals that may be a coincidence of few values are not taken for rounding. */
const MOST_DECIMALS = 4;

/**
 * The step to which values were rounded before they were logged, `0.01` for two decimals; 0 where they have more than
 * four. Values of 32 bits are recognised.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resolutionOf } from "#study/logged_runs/metric_kind.ts";
 *
 * assert.equal(resolutionOf([0.71, Math.fround(0.69), 0.7]), 0.01);
 * assert.equal(resolutionOf([0.7134271, 0.7]), 0);
 * ```
 */
export function resolutionOf(values: readonly number[]): number {
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const factor = 10 ** decimals;
    const isRounded = (value: number) =>
      Math.abs(value * factor - Math.round(value * factor)) <= 1e-7 * Math.max(1, Math.abs(value)) * factor;
    if (values.length > 0 && values.every(isRounded)) return 1 / factor;
  }
  return 0;
}
