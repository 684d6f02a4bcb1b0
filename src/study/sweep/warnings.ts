import type { SweepAxis } from "#spec/sweep/axes.ts";
import type { SweepRequest } from "#spec/sweep/request.ts";
import type { CellOutcome, RegionOutcome } from "#results/swept_cells.ts";
import { sortedValues } from "./values.ts";

/** Reasons not to use the best cell as it is: it lies at an edge of what was tried, cells diverged. */
export function warningsOf(
  request: SweepRequest,
  cells: readonly CellOutcome[],
  region: RegionOutcome | null,
): string[] {
  return [...edges(request, cells, region), ...diverged(cells)];
}

/** Warnings where the best cell is the last of an axis: a better value may lie beyond. None where the axis makes no difference. */
function edges(
  { axes }: SweepRequest,
  cells: readonly CellOutcome[],
  region: RegionOutcome | null,
): string[] {
  const best = cells.find(({ cell }) => cell === region?.cells[0]);
  if (!best || !region) return [];
  return axes.flatMap((axis, index) => {
    const tried = sortedValues(cells.map(({ values }) => values[index]));
    const side = edgeOf(axis, best.values[index], tried);
    if (side === null || region.axes[index]!.values.length === tried.length) return [];
    return [
      `The best cell has the ${side} ${axis.path} that was tried (${
        best.values[index]
      }): a better value may lie ` +
      `beyond. Sweep again with ${side === "smallest" ? "smaller" : "larger"} values.`,
    ];
  });
}

/** Share of a range next to its end that counts as its edge. */
const EDGE = 0.05;

function edgeOf(axis: SweepAxis, value: unknown, tried: readonly unknown[]): "smallest" | "largest" | null {
  if (typeof value !== "number" || tried.some((each) => typeof each !== "number")) return null;
  if (axis.kind === "range" && axis.points === null) {
    const at = axis.scale === "log"
      ? Math.log(value / axis.from) / Math.log(axis.to / axis.from)
      : (value - axis.from) / (axis.to - axis.from);
    return at < EDGE ? "smallest" : at > 1 - EDGE ? "largest" : null;
  }
  // Of two values each is an edge: nothing to warn of.
  if (tried.length < 3) return null;
  return value === tried[0] ? "smallest" : value === tried.at(-1) ? "largest" : null;
}

function diverged(cells: readonly CellOutcome[]): string[] {
  const some = cells.filter(({ runs }) => runs.some(({ reason }) => reason === "diverged"));
  if (some.length === 0) return [];
  return [
    `Runs diverged in ${some.length} of ${cells.length} cells (${
      named(some)
    }). Such a cell has no mean, and is not in the ` +
    "best region.",
  ];
}

function named(cells: readonly CellOutcome[]): string {
  return cells.slice(0, 8).map(({ cell }) => `cell ${cell}`).join(", ") + (cells.length > 8 ? ", …" : "");
}
