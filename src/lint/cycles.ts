import type { Cycling } from "#schedules/finding.ts";
import type { CyclePosition } from "#schedules/schedule.ts";
import type { EntryNode } from "./nodes.ts";

/** The cycles of a schedule in its stretch of the run. */
export interface Cycles extends Cycling {
  /** Steps in the first cycle. */
  readonly first: number;
  /** First steps of the cycles after the first, within the node's stretch. */
  readonly restarts: readonly number[];
  /** True where the schedule was chosen for its restarts. */
  readonly wantsRestarts: boolean;
}

/** The cycles of a node, or `null` for a schedule without. */
export function cyclesOf({ entry, values, built, length }: EntryNode): Cycles | null {
  const own = entry.lint?.cycling?.(values);
  if (own === undefined || built.cycles === null) return null;
  return {
    ...own,
    first: built.cycles(0).length,
    restarts: restartsWithin(built.cycles, length),
    wantsRestarts: own.purpose !== "wave",
  };
}

/** More restarts than any rule needs to count. */
const MOST = 10_000;

/** First steps of the cycles after the first, found from cycle to cycle. */
function restartsWithin(cycles: (step: number) => CyclePosition, length: number): number[] {
  const restarts: number[] = [];
  for (let start = 0;;) {
    const next = start + cycles(start).length;
    if (next >= length || restarts.length >= MOST || !cycles(next).isRestart) return restarts;
    restarts.push(next);
    start = next;
  }
}
