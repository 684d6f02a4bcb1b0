import type { LossSpec } from "#train/loss.ts";
import type { OptimizerSpec } from "#train/optimizer.ts";
import type { Rule } from "#stats/rate_suggestions.ts";
import type { EndedEvent } from "#train/events.ts";
import type { Summary, Verdict } from "./summary.ts";
import type { Ramp } from "#study/lr_range_test/plan.ts";

/** `range-test.json`: what scripts outside the lab read. Rates are those that the device applied, losses in nats. */
export interface RangeTestResult extends Pick<Summary, "dataset" | "device" | "provenance" | "model"> {
  readonly version: 1;
  readonly kind: "range-test";
  readonly name: string;
  /** False where it was stopped before its end. */
  readonly complete: boolean;
  readonly optimizer: OptimizerSpec;
  /** Absent: plain cross-entropy. */
  readonly loss?: LossSpec;
  readonly batch_size: number;
  readonly accumulate: number;
  readonly ramp: Ramp;
  /** Weight of the past in the smoothed losses. */
  readonly smoothing: number;
  /** Steps of each short run that was asked for, 0 for none, and the rule that was to be judged; absent before 0.2. */
  readonly check_steps?: number;
  readonly rule?: Rule;
  readonly runs: readonly RangeRun[];
  readonly suggestions: readonly RateSuggestion[];
  /** The suggestion that short runs judge; `null` where there is none. */
  readonly chosen: { readonly rule: Rule; readonly lr: number } | null;
  /** The rate to take: the chosen one, or the one that did detectably better in short runs; `null` for none. */
  readonly recommended: number | null;
  /** Short runs at the suggested rates; `null` where none were made. */
  readonly validation: RateValidation | null;
}

/** The ramp with one seed; `smoothed` is the bias-corrected exponential average of `loss`. */
export interface RangeRun {
  readonly seed: number;
  readonly reason: EndedEvent["reason"];
  readonly detail: string | null;
  readonly ms_per_step: number | null;
  readonly lr: readonly number[];
  /** `null` where it was not finite. */
  readonly loss: readonly (number | null)[];
  readonly smoothed: readonly (number | null)[];
}

export interface RateSuggestion {
  readonly rule: Rule;
  /** Geometric mean over the seeds that suggest a rate; `null` where fewer than half do. */
  readonly lr: number | null;
  /** 95 % bootstrap interval of that mean, on log rates; `null` with fewer than two seeds. */
  readonly interval: readonly [number, number] | null;
  /** Why there is no rate. */
  readonly reason: string | null;
  readonly seeds: readonly {
    readonly seed: number;
    readonly lr: number | null;
    readonly reason: string | null;
  }[];
}

export interface RateValidation {
  /** Steps of each run, at a constant rate. */
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly candidates: readonly CandidateResult[];
  /** Whether the chosen rate is the best of those that were tried. */
  readonly verdict: Verdict;
  /** What came out, in one or two sentences. */
  readonly text: string;
  /** The chosen rate, a detectably better one, or `null` where runs at the chosen one diverged. */
  readonly recommended: number | null;
}

export interface CandidateResult {
  readonly lr: number;
  readonly labels: readonly string[];
  readonly factor: number | null;
  /** Validation accuracy (0 … 1) after the last step; `null` where the run diverged or was stopped. */
  readonly runs: readonly {
    readonly seed: number;
    readonly accuracy: number | null;
    readonly loss: number | null;
    readonly diverged: boolean;
  }[];
  readonly accuracy: number | null;
  /** 95 % bootstrap interval of the mean accuracy. */
  readonly interval: readonly [number, number] | null;
  /** Accuracy minus that at the chosen rate, paired over seeds; `null` for the chosen rate itself. */
  readonly difference: {
    readonly difference: number | null;
    readonly interval: readonly [number, number] | null;
    readonly seeds: number;
    readonly verdict: "higher" | "lower" | "no detectable difference" | "not enough runs";
  } | null;
}
