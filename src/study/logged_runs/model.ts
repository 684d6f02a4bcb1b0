/** A run that any tool logged, as far as it is compared. */
export interface LoggedRun {
  /** As reports name it. */
  readonly name: string;
  /** Folder or file that it was read from. */
  readonly path: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** The metric over training; `null` for a run without it. */
  readonly metric: LoggedSeries | null;
}

/** `values[i]` at `steps[i]`, steps rising. */
export interface LoggedSeries {
  readonly steps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly unit: "step" | "epoch" | "row";
}

/** Runs that are compared as one with others. */
export interface LoggedGroup {
  readonly name: string;
  readonly runs: readonly LoggedRun[];
}

/** The figure of a run that is compared: its last value, its best one, or the mean over its steps. */
export type Figure = "final" | "best" | "auc";
