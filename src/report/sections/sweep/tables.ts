import type { SweepOutcome } from "#results/sweep.ts";
import type { CellOutcome } from "#results/swept_cells.ts";
import { fixed, interval, MISSING } from "#lib/numbers.ts";
import { settingLabel } from "../../format/settings.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { percent, scoreOfCells } from "./axes.ts";

/** Rows of the table in the page and the terminal; the rest is in `sweep.json`. */
const MOST_ROWS = 30;

/** Every cell, the best first. */
export function cellsTable(sweep: SweepOutcome): Table {
  const halved = sweep.rungs.length > 1;
  const sorted = sweep.cells.toSorted((a, b) => b.rung - a.rung || (b.mean ?? -1) - (a.mean ?? -1));
  return tableOf(sorted.slice(0, MOST_ROWS), {
    caption: `Cells by ${halved ? "rung and " : ""}validation ${scoreOfCells(sweep)}`,
    columns: [
      right("cell", ({ cell }) => String(cell)),
      ...sweep.axes.map(({ label }, axis) =>
        right(label, ({ values }: CellOutcome) => settingLabel(values[axis]))
      ),
      ...(halved ? [right("rung", ({ rung }: CellOutcome) => String(rung))] : []),
      right(`${scoreOfCells(sweep)} (%)`, ({ mean }) => percent(mean)),
      right("standard deviation", ({ sd }) => percent(sd)),
      right(
        halved ? "below the best of its rung (points)" : "below the best (points)",
        ({ difference }) => difference === 0 ? "0.0" : percent(difference),
      ),
      right("interval", (one) => one.difference === 0 ? MISSING : interval(one.interval, 1, 100)),
      left("verdict", (cell) => verdictOf(cell, sweep)),
    ],
    note: sorted.length > MOST_ROWS
      ? `The first ${MOST_ROWS} of ${sorted.length} cells; sweep.json has all.`
      : "",
  });
}

function verdictOf({ cell, mean, runs, steady, within }: CellOutcome, { best }: SweepOutcome): string {
  if (cell === best?.cell) return "best";
  if (runs.some(({ reason }) => reason === "diverged")) return "diverged";
  if (mean !== null && !steady) return "unsteady";
  if (within) return "not detectably worse";
  return mean === null ? "not finished" : "worse";
}

/** Cost of each rung of successive halving, and the cells that it dropped. */
export function rungsTable({ rungs }: SweepOutcome): Table {
  return tableOf(rungs, {
    caption: "Rungs of equal budget",
    columns: [
      right("rung", ({ rung }) => String(rung)),
      right("run length", ({ duration }) => duration),
      right("cells", ({ cells }) => String(cells.length)),
      right("steps", ({ steps }) => fixed(steps, 0)),
      right("images", ({ images }) => fixed(images, 0)),
      right(
        "dropped, but not detectably worse",
        ({ dropped_within }, index) => index === rungs.length - 1 ? MISSING : String(dropped_within.length),
      ),
    ],
    note:
      "Each rung trains its cells from scratch, with the schedule planned for the rung's length: durations in epochs or " +
      "steps are scaled with the length, factors per epoch are not.",
  });
}
