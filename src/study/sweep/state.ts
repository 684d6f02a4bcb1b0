import type { SweepOutcome } from "#results/sweep.ts";
import type { CheckedCell } from "#spec/sweep/plan.ts";
import type { TrainedCells } from "./cells.ts";

/** One rung, as far as it was run. */
export interface RungState extends TrainedCells<CheckedCell> {
  /** Numbers of the cells that reach the next rung; of the last one, none. */
  readonly kept: readonly number[];
}

export interface SweepState {
  readonly rungs: readonly RungState[];
  /** Looks that were taken, where they were planned; numbers of cells. */
  readonly looks?: SweepOutcome["looks"];
  /** The smallest difference that all planned seeds could have shown, where that was why they were not run. */
  readonly hopeless: number | null;
  readonly reachedEnd: boolean;
}
