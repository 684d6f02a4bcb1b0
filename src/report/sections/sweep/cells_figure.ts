import type { CellOutcome } from "#results/swept_cells.ts";
import type { SweepOutcome } from "#results/sweep.ts";
import type { IntervalRow, SeedValue } from "../../charts/interval_range.ts";
import { signed } from "#lib/numbers.ts";
import type { Figure } from "../../model.ts";
import { cellLabel, scoreOfCells } from "./axes.ts";

/** Rows that a chart has room for beside the map. */
const MOST_ROWS = 12;

/** The best cells against the best one of all, seed by seed and with their intervals; none with a single cell. */
export function cellsFigure(sweep: SweepOutcome): Figure[] {
  const last = Math.max(1, ...sweep.cells.map(({ rung }) => rung));
  const best = sweep.cells.find(({ cell }) => cell === sweep.best?.cell);
  if (best === undefined) return [];
  const compared = sweep.cells.filter(({ cell, rung, difference }) =>
    cell !== best.cell && rung === last && difference !== null
  ).toSorted((a, b) => b.difference! - a.difference!);
  if (compared.length === 0) return [];
  const rows = compared.slice(0, MOST_ROWS).map((cell): IntervalRow => ({
    label: cellLabel(sweep, cell),
    series: null,
    value: 100 * cell.difference!,
    interval: cell.interval && [100 * cell.interval[0], 100 * cell.interval[1]],
    dots: differences(cell, best),
  }));
  const left = compared.length - rows.length;
  return [{
    kind: "figure",
    id: "cells-against-best",
    title: `Validation ${scoreOfCells(sweep)} minus that of the best cell, ${cellLabel(sweep, best)}`,
    width: "half",
    caption: "Mean, 95 % interval (all hold together), seeds." +
      (left > 0 ? ` ${left} lower cells: see the table.` : ""),
    alt: `Differences from the best cell in points. ${
      rows.map(({ label, value }) => `${label}: ${signed(value, 1)}`).join("; ")
    }.`,
    chart: {
      kind: "intervals",
      x: { title: "difference (points)", scale: "linear", decimals: 1 },
      reference: 0,
      rows,
    },
  }];
}

/** Cell minus best of every seed that both have, in points. */
function differences({ runs }: CellOutcome, best: CellOutcome): SeedValue[] {
  return runs.flatMap(({ seed, accuracy }) => {
    const other = best.runs.find((run) => run.seed === seed)?.accuracy ?? null;
    return seed === null || accuracy === null || other === null
      ? []
      : [{ seed, value: 100 * (accuracy - other) }];
  });
}
