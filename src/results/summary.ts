import type { SweptCells } from "./swept_cells.ts";
import type { DeviceInfo } from "./run.ts";
import type { Suggestion } from "#study/experiment/suggestions.ts";
import type { Symptom } from "#study/experiment/diagnostics.ts";

/** `summary.json`: what scripts outside the lab read. Names are those on disk. */
export interface Summary {
  readonly version: 1;
  readonly name: string;
  /** False where runs are missing because the experiment was stopped. */
  readonly complete: boolean;
  readonly dataset: {
    readonly name: string;
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    readonly digest: string;
  };
  /** What was asked and why, one paragraph; empty for a spec of one's own. */
  readonly lede: string;
  readonly model: string;
  /** Validation accuracy (0 … 1) that `steps_to_target` asks for; `null` while the baseline has no finished run. */
  readonly target: number | null;
  readonly device: DeviceInfo;
  readonly provenance: {
    readonly at: string;
    readonly command: string;
    readonly spec_digest: string;
    readonly commit: string | null;
    readonly versions: Readonly<Record<string, string>>;
    readonly jobs: number;
    readonly wall_s: number;
  };
  readonly arms: readonly ArmSummary[];
  /** Rates tried for each arm before the comparison, by validation accuracy; empty without tuning. */
  readonly tuning: readonly TuningSummary[];
  readonly comparisons: readonly Comparison[];
  /** The sensitivity sweep, where the spec has one. */
  readonly sweep: SweepSummary | null;
  readonly answers: readonly Answer[];
  /** What went badly in at least half of an arm's runs, with what may help. */
  readonly findings?: readonly Finding[];
}

export interface ArmSummary {
  readonly name: string;
  readonly schedule: unknown;
  /** Only where it is false: the arm is a part of others, drawn and not compared. */
  readonly compared?: false;
  readonly runs: readonly RunSummary[];
  /** Where predictions were kept: models of a seed that are judged as one. */
  readonly ensembles?: readonly EnsembleSummary[];
}

export interface RunSummary {
  readonly seed: number;
  /** Of several independent models: the seed that they stand for, and which of them this is. */
  readonly member?: { readonly of: number; readonly index: number };
  readonly steps: number;
  readonly diverged: boolean;
  /** Only where it is true: the run diverged, or ended hardly better than guessing among the classes. */
  readonly failed?: true;
  readonly reason: "budget" | "diverged" | "stopped";
  readonly detail: string | null;
  readonly ms_per_step: number | null;
  /** First step at which validation accuracy reached the target, `null` if never. */
  readonly steps_to_target: number | null;
  readonly final: {
    readonly validation_accuracy: number | null;
    readonly validation_loss: number | null;
    readonly test_accuracy: number | null;
    readonly test_loss: number | null;
    /** Mean training loss over the last tenth of the steps. */
    readonly training_loss: number | null;
  };
  /** Where the run ended with more than its final weights: these, averages, snapshots. */
  readonly models?: readonly ModelSummary[];
}

/** Accuracy (0 … 1) and loss (nats) of one set of weights; `null` where the run has no such figure. */
export interface ModelSummary {
  /** `final`, `ema`, `swa`, `snapshot/2`, `cycle/2`. */
  readonly name: string;
  readonly validation_accuracy: number | null;
  readonly validation_loss: number | null;
  readonly test_accuracy: number | null;
  readonly test_loss: number | null;
}

/** Accuracy (0 … 1) and loss (nats) of several models as one. */
export interface EnsembleScore {
  readonly validation_accuracy: number;
  readonly validation_loss: number;
  readonly test_accuracy: number;
  readonly test_loss: number;
}

/** An ensemble by mean probability, and what else can be made of its members. */
export interface EnsembleSummary extends EnsembleScore {
  readonly seed: number;
  /** Independent models, the snapshots of a run, or the averages of its cycles. */
  readonly kind: "members" | "snapshots" | "cycles";
  readonly members: number;
  /** Steps that all members took together. */
  readonly steps: number;
  /** By the mean of what goes into the softmax. */
  readonly mean_logits: EnsembleScore;
  /** By mean probability, members weighted by their likelihood on validation data. */
  readonly weighted: EnsembleScore;
  /** Mean over the members alone. */
  readonly single: Pick<EnsembleScore, "validation_accuracy" | "test_accuracy">;
  /** The member that is best on validation data, the last of equals: what one would take instead of them all. */
  readonly chosen: Pick<EnsembleScore, "validation_accuracy" | "test_accuracy">;
  /** Mean over the ensembles of 1, 2, … of the members. */
  readonly test_accuracy_by_members: readonly number[];
  /** Share of test images (0 … 1) on which two members differ; `null` for one. */
  readonly disagreement: number | null;
}

export interface TuningSummary {
  readonly arm: string;
  readonly path: string;
  readonly trials: readonly {
    readonly value: number;
    readonly accuracy: number | null;
    readonly diverged: number;
  }[];
  readonly chosen: number;
}

/** Paired over seeds: `difference` is arm minus against. */
export interface Comparison {
  readonly arm: string;
  readonly against: string;
  /** `test_accuracy`, `validation_accuracy`, `steps_to_target`, … */
  readonly metric: string;
  readonly difference: number | null;
  /** 95 %, so wide that all intervals of the family hold together. */
  readonly interval: readonly [number, number] | null;
  /** 95 % for this comparison alone. Absent, as `family` and `spread`, in summaries of earlier versions. */
  readonly interval_uncorrected?: readonly [number, number] | null;
  /** Comparisons on this metric that are told together, this one among them. */
  readonly family?: number;
  /** Pairs that went into it. */
  readonly seeds: number;
  /** Sample standard deviation of the differences; `null` with fewer than two pairs. */
  readonly spread?: number | null;
  readonly verdict: "higher" | "lower" | "no detectable difference" | "not enough runs";
}

/** The sensitivity sweep of a spec, over one or two axes. */
export interface SweepSummary extends SweptCells {
  readonly arm: string;
}

/** Three verdicts, as the design names them. */
export type Verdict =
  | {
    readonly kind: "supported" | "contradicted";
    readonly effect: number;
    readonly interval: readonly [number, number];
    readonly runs: number;
  }
  | { readonly kind: "inconclusive"; readonly missing: string };

export interface Answer {
  readonly question: string;
  /** What was expected before the runs. */
  readonly hypothesis: string;
  readonly verdict: Verdict;
  /** One to three sentences with the figures, computed from the records. */
  readonly text: string;
  /** Unit of effect and interval: `points`, `steps`. */
  readonly unit: string;
}

export interface Finding {
  readonly arm: string;
  readonly symptom: Symptom;
  /** Runs that show it, and all that came to their end. */
  readonly runs: number;
  readonly of: number;
  /** One sentence with the figures. */
  readonly text: string;
  readonly suggestions: readonly Suggestion[];
}
