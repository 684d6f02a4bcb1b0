import type { SweepRequest } from "#spec/sweep/request.ts";
import type { Summary } from "./summary.ts";
import type { SweptCells } from "./swept_cells.ts";

export type { CellOutcome, RegionOutcome, SweptAxis, SweptCells } from "./swept_cells.ts";

/** `sweep.json`: what scripts outside the lab read. Names are those on disk. Accuracies are shares, 0 … 1. */
export interface SweepOutcome extends SweptCells {
  readonly version: 1;
  readonly kind: "sweep";
  readonly name: string;
  /** False where runs are missing because the sweep was stopped. */
  readonly complete: boolean;
  /** Why not all planned seeds were run: no difference was to be seen; `null` where they were. */
  readonly stopped_early: string | null;
  readonly request: SweepRequest;
  readonly model: string;
  readonly dataset: Summary["dataset"];
  readonly device: Summary["device"];
  readonly provenance: Summary["provenance"];
  /** One, but for successive halving. */
  readonly rungs: readonly RungOutcome[];
  /** Reasons not to use the best cell as it is: it lies at an edge, cells diverged. */
  readonly warnings: readonly string[];
  /** Of all runs that were made. */
  readonly spent: { readonly runs: number; readonly steps: number; readonly images: number };
}

export interface RungOutcome {
  /** From 1. */
  readonly rung: number;
  /** Length of its runs as the spec would write it. */
  readonly duration: string;
  /** Steps and images of all its runs together, as planned. */
  readonly steps: number;
  readonly images: number;
  /** Cells in it, by number, with their mean and whether they went on. */
  readonly cells: readonly { readonly cell: number; readonly mean: number | null; readonly kept: boolean }[];
  /** Cells that were dropped although they cannot be told apart from the best of the rung. */
  readonly dropped_within: readonly number[];
}
