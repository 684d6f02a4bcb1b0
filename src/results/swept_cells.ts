/** The cells of a sweep: the part that `sweep.json` and the `sweep` of a `summary.json` share. */
export interface SweptCells {
  readonly metric: "validation_accuracy";
  readonly axes: readonly SweptAxis[];
  /** Every cell by number, with its runs in the last rung that it came to. */
  readonly cells: readonly CellOutcome[];
  /** The cell with the highest mean among those that reached full length; `null` where no cell has all its figures. */
  readonly best: { readonly cell: number; readonly values: readonly unknown[]; readonly mean: number } | null;
  readonly region: RegionOutcome | null;
}

export interface SweptAxis {
  readonly path: string;
  readonly label: string;
  readonly scale: "linear" | "log" | "list";
  /** Values that were tried, numbers in rising order. */
  readonly values: readonly unknown[];
}

export interface CellOutcome {
  /** Counts from 1. */
  readonly cell: number;
  /** One value an axis. */
  readonly values: readonly unknown[];
  /** The last rung that it came to, from 1. */
  readonly rung: number;
  /** Of a sweep: `null` where a run lacks its figure. Of an experiment's: over the runs that have one. */
  readonly mean: number | null;
  /** Sample standard deviation over seeds; `null` with fewer than two. */
  readonly sd: number | null;
  /** Cell minus the best of its rung, with an interval that holds together with those of all cells of the rung. */
  readonly difference: number | null;
  readonly interval: readonly [number, number] | null;
  /** False where its runs scatter far more than those of other cells: with some seeds training collapsed. */
  readonly steady: boolean;
  /** Whether it cannot be told apart from the best of its rung: neither by its mean nor by its scatter. */
  readonly within: boolean;
  readonly runs: readonly {
    /** `null` in a summary of an older version, which only counted the runs that ended. */
    readonly seed: number | null;
    readonly accuracy: number | null;
    readonly reason: "budget" | "diverged" | "stopped";
  }[];
}

export interface RegionOutcome {
  /** Cells that cannot be told apart from the best, itself among them, by number. */
  readonly cells: readonly number[];
  /** Cells that were compared: those of the last rung. */
  readonly of: number;
  readonly seeds: number;
  /** Values of each axis within the region, numbers in rising order. */
  readonly axes: readonly { readonly path: string; readonly values: readonly unknown[] }[];
  /** Standard deviation from run to run once cell and seed are accounted for. */
  readonly residual: number | null;
  /** The smallest true difference that these seeds show in 8 of 10 such sweeps. */
  readonly detectable: number | null;
}
