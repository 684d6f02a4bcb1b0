import type { SweepOutcome } from "#results/sweep.ts";
import type { CellOutcome } from "#results/swept_cells.ts";
import type { Row, Table } from "../../table.ts";
import { fixed, interval } from "../../format/numbers.ts";
import { settingLabel } from "../../format/settings.ts";
import { percent } from "./axes.ts";

/** Rows of the table in the page and the terminal; the rest is in `sweep.json`. */
const MOST_ROWS = 30;

/** Every cell, the best first. */
export function cellsTable(sweep: SweepOutcome): Table {
  const halved = sweep.rungs.length > 1;
  const sorted = sweep.cells.toSorted((a, b) => b.rung - a.rung || (b.mean ?? -1) - (a.mean ?? -1));
  return {
    kind: "table",
    caption: `Cells by ${halved ? "rung and " : ""}validation accuracy`,
    columns: [
      { label: "cell", align: "right" },
      ...sweep.axes.map(({ label }) => ({ label, align: "right" as const })),
      ...(halved ? [{ label: "rung", align: "right" as const }] : []),
      { label: "accuracy (%)", align: "right" },
      { label: "sd", align: "right" },
      { label: halved ? "to the best of its rung (points)" : "to the best (points)", align: "right" },
      { label: "interval", align: "right" },
      { label: "", align: "left" },
    ],
    keys: 1,
    rows: sorted.slice(0, MOST_ROWS).map((cell) => cellRow(cell, halved, sweep)),
    note: sorted.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${sorted.length}; sweep.json has all.` : "",
  };
}

function cellRow(cell: CellOutcome, halved: boolean, { best }: SweepOutcome): Row {
  const { mean, sd, difference, runs } = cell;
  const word = cell.cell === best?.cell
    ? "best"
    : runs.some(({ reason }) => reason === "diverged")
    ? "diverged"
    : mean !== null && !cell.steady
    ? "unsteady"
    : cell.within
    ? "indistinguishable"
    : mean === null
    ? "not finished"
    : "lower";
  return {
    series: null,
    cells: [
      String(cell.cell),
      ...cell.values.map(settingLabel),
      ...(halved ? [String(cell.rung)] : []),
      percent(mean),
      percent(sd),
      difference === 0 ? "0.0" : percent(difference),
      difference === 0 ? "–" : interval(cell.interval, 1, 100),
      word,
    ],
  };
}

/** What each round of successive halving cost and dropped. */
export function rungsTable({ rungs }: SweepOutcome): Table {
  return {
    kind: "table",
    caption: "Rungs of equal budget",
    columns: [
      { label: "rung", align: "right" },
      { label: "length", align: "right" },
      { label: "cells", align: "right" },
      { label: "steps", align: "right" },
      { label: "images", align: "right" },
      { label: "dropped, though indistinguishable from the best", align: "right" },
    ],
    keys: 1,
    rows: rungs.map(({ rung, duration, cells, steps, images, dropped_within }, index) => ({
      series: null,
      cells: [
        String(rung),
        duration,
        String(cells.length),
        fixed(steps, 0),
        fixed(images, 0),
        index === rungs.length - 1 ? "–" : String(dropped_within.length),
      ],
    })),
    note:
      "A rung's cells are trained anew with the schedule planned for the rung's length: durations in epochs or steps " +
      "are scaled with it, factors per epoch are not.",
  };
}
