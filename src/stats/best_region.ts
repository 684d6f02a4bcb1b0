import { studentQuantile } from "./distributions.ts";
import { spreadInterval } from "./planning.ts";
import { mean, sampleSd } from "./summary.ts";
import { unsteady } from "./unsteady.ts";

/** One cell of a sweep beside the best one. */
export interface CellDifference {
  /** Mean over seeds; `null` where a run of the cell has no figure. */
  readonly mean: number | null;
  /** Sample standard deviation over seeds; `null` with fewer than two. */
  readonly sd: number | null;
  /** Cell minus best, 0 for the best itself. */
  readonly difference: number | null;
  /** Of the difference, all intervals together at the wanted confidence; `null` with fewer than two seeds. */
  readonly interval: readonly [number, number] | null;
  /** False where the cell scatters so much more than the others that it is judged by that (see {@link unsteady}). */
  readonly steady: boolean;
  /** True where the cell is not detectably worse than the best one; false without figures, and for an unsteady cell. */
  readonly within: boolean;
}

export interface BestRegion {
  /** Index of the steady cell with the highest mean, the first of equal ones; `null` where none has all its figures. */
  readonly best: number | null;
  readonly cells: readonly CellDifference[];
  readonly seeds: number;
  /** Standard deviation of a figure once its cell and its seed are accounted for; `null` where there is too little to
   * estimate it. */
  readonly residual: number | null;
  /** Degrees of freedom of {@link residual}: (cells − 1)·(seeds − 1). */
  readonly degrees: number;
}

export interface RegionOptions {
  /** Share of sweeps in which all intervals should hold; 0.95 if not given. */
  readonly confidence?: number;
  /** Cells of which these are left; all that are given if not given. Intervals hold for pairs of all. */
  readonly among?: number;
  /** The smallest difference that the figure can show; no interval is narrower than ± this. 0 if not given. */
  readonly resolution?: number;
  /** The largest difference that there can be, 1 for a share: intervals end there. Infinity if not given. */
  readonly largest?: number;
}

/**
 * The best cell of a sweep and those that are not detectably worse.
 *
 * Runs of one seed start alike in every cell, so the figure of cell i and seed j is taken as cellᵢ + seedⱼ + noise. What
 * is left after both means are taken out gives one residual s with (m − 1)(n − 1) degrees of freedom, where a cell's own
 * n differences give n − 1. The difference to the best cell has the half-width
 *
 *     t(1 − α/2p; (m − 1)(n − 1)) · max(√2·s, sd of these very differences) / √n,   p = m(m − 1)/2
 *
 * p counts all pairs and not the m − 1 comparisons with the best, for the best was picked by the same figures: under no
 * effect its lead over the last is that of the luckiest over the unluckiest. The maximum guards against a cell that
 * scatters somewhat more than the rest. One whose runs collapse with some seeds would swell s for all: it takes no
 * part in s, and is outside of the region for being unsteady.
 *
 * Share of simulated sweeps without any effect in which some cell is called lower than the best, for normal noise, for
 * exponential noise, and where one cell scatters three times as much as the others; then how often a cell that is four
 * standard deviations lower is found, and in parentheses how often by each pair's own interval for the same p
 * (`tests/stats/best_region_coverage.ts`):
 *
 * | cells | seeds | normal | exponential | uneven | found |
 * |---|---|---|---|---|---|
 * | 4 | 3 | 2.8 % | 2.4 % | 6.1 % | 81.0 % (24.4) |
 * | 9 | 2 | 2.1 % | 2.7 % | 6.3 % | 48.6 % (1.3) |
 * | 9 | 3 | 1.9 % | 2.2 % | 7.0 % | 88.4 % (5.6) |
 * | 16 | 3 | 2.1 % | 1.5 % | 7.4 % | 88.9 % (1.6) |
 * | 16 | 5 | 1.8 % | 1.0 % | 4.6 % | 99.5 % (30.4) |
 *
 * @param figures `figures[cell][seed]`, higher is better; `null` or NaN where a run has none. Cells without all of them
 * are outside and take no part.
 * @throws {RangeError} where cells differ in their number of seeds.
 *
 * @example Four cells, two seeds: the first two are not detectably different
 * ```ts
 * import assert from "node:assert/strict";
 * import { bestRegion } from "#stats/best_region.ts";
 *
 * const { best, cells } = bestRegion([[0.70, 0.72], [0.705, 0.718], [0.60, 0.63], [0.10, 0.12]]);
 * assert.equal(best, 1);
 * assert.deepEqual(cells.map(({ within }) => within), [true, true, false, false]);
 * ```
 */
export function bestRegion(
  figures: readonly (readonly (number | null)[])[],
  { confidence = 0.95, among, resolution = 0, largest = Infinity }: RegionOptions = {},
): BestRegion {
  const seeds = figures[0]?.length ?? 0;
  if (figures.some(({ length }) => length !== seeds)) {
    throw new RangeError("Cannot compare cells with different numbers of seeds");
  }
  const complete = figures.map((row) =>
    row.every((value) => value !== null && Number.isFinite(value)) && seeds > 0
  );
  const scattered = unsteady(figures.filter((_, index) => complete[index]) as number[][], resolution);
  let place = 0;
  const steady = complete.map((all) => all && !scattered[place++]);
  const kept = figures.filter((_, index) => steady[index]) as number[][];
  const means = figures.map((row, index) => complete[index] ? mean(row as number[]) : null);
  const best = means.reduce<number | null>(
    (leader, value, index) => steady[index] && (leader === null || value! > means[leader]!) ? index : leader,
    null,
  );
  const residual = residualOf(kept);
  const degrees = residual === null ? 0 : (kept.length - 1) * (seeds - 1);
  const reach = degrees === 0 ? Infinity : pairQuantile(among ?? kept.length, degrees, confidence);
  const compared = figures.map((row, index): CellDifference => {
    const own = means[index] ?? null;
    if (own === null || best === null) {
      return { mean: own, sd: null, difference: null, interval: null, steady: true, within: false };
    }
    const known = {
      mean: own,
      sd: seeds > 1 ? sampleSd(row as number[]) : null,
      difference: own - means[best]!,
      steady: steady[index]!,
    };
    if (index === best) return { ...known, interval: [0, 0], within: true };
    if (!known.steady || residual === null) return { ...known, interval: null, within: known.steady };
    const pairs = row.map((value, seed) => value! - figures[best]![seed]!);
    const spread = Math.max(Math.SQRT2 * residual, sampleSd(pairs));
    const half = Math.max(resolution, (reach * spread) / Math.sqrt(seeds));
    const { difference } = known;
    // A lead of exactly the half-width is still within.
    const bounds = [Math.max(-largest, difference - half), Math.min(largest, difference + half)] as const;
    return { ...known, interval: bounds, within: difference + half >= 0 };
  });
  return { best, cells: compared, seeds, residual, degrees };
}

/**
 * The smallest true difference between two cells that `seeds` seeds would show in 8 of 10 sweeps:
 * (t(1 − α/2p; ν) + t(0.8; ν)) · √2·s/√n with ν = (m − 1)(n − 1).
 *
 * @example Four cells, three seeds, a residual of 1 point: 3.9 points
 * ```ts
 * import assert from "node:assert/strict";
 * import { detectableDifference } from "#stats/best_region.ts";
 *
 * assert.equal(detectableDifference(0.01, 4, 3).toFixed(3), "0.039");
 * ```
 */
export function detectableDifference(
  residual: number,
  cells: number,
  seeds: number,
  confidence = 0.95,
): number {
  const degrees = (cells - 1) * (seeds - 1);
  if (degrees < 1) return Infinity;
  const reach = pairQuantile(cells, degrees, confidence) + studentQuantile(0.8, degrees);
  return (reach * Math.SQRT2 * residual) / Math.sqrt(seeds);
}

/**
 * A search for a difference that the planned seeds cannot find, seen before all of them have run: no cell is detectably worse than the
 * best, and with all planned seeds the smallest difference that could be seen still exceeds the largest one found, and
 * `effect`, even if the noise is as small as its estimate leaves possible. It only ever stops a search for a difference,
 * never declares one, so looking more than once raises no false alarm.
 *
 * @param effect the smallest difference worth knowing, in the unit of the figures.
 * @returns the smallest difference that the planned seeds could show, `null` while more seeds are worth it.
 *
 * @example After two of three seeds: nothing but noise so far, and one seed more would not show 1 point
 * ```ts
 * import assert from "node:assert/strict";
 * import { bestRegion, hopelessDifference } from "#stats/best_region.ts";
 *
 * const region = bestRegion([[0.60, 0.71], [0.70, 0.62], [0.65, 0.69]]);
 * assert.ok(hopelessDifference(region, 3, 0.01)! > 0.01);
 * assert.equal(hopelessDifference(region, 3, 1), null);
 * ```
 */
export function hopelessDifference(region: BestRegion, planned: number, effect: number): number | null {
  const known = region.cells.filter((cell) => cell.difference !== null);
  if (region.residual === null || region.seeds >= planned || known.length < region.cells.length) return null;
  if (known.some(({ within }) => !within)) return null;
  const [least] = spreadInterval(region.residual, region.degrees + 1, 0.8);
  const smallest = detectableDifference(least, known.length, planned);
  const largest = Math.max(...known.map(({ difference }) => Math.abs(difference!)));
  return smallest > Math.max(largest, effect) ? smallest : null;
}

/** Bonferroni over all pairs of `cells`. */
function pairQuantile(cells: number, degrees: number, confidence: number): number {
  const pairs = (cells * (cells - 1)) / 2;
  return studentQuantile(1 - (1 - confidence) / (2 * pairs), degrees);
}

function residualOf(figures: readonly (readonly number[])[]): number | null {
  const [cells, seeds] = [figures.length, figures[0]?.length ?? 0];
  if (cells < 2 || seeds < 2) return null;
  const rows = figures.map(mean);
  const columns = figures[0]!.map((_, seed) => mean(figures.map((row) => row[seed]!)));
  const all = mean(rows);
  const squares = figures.flatMap((row, cell) =>
    row.map((value, seed) => (value - rows[cell]! - columns[seed]! + all) ** 2)
  );
  return Math.sqrt(squares.reduce((sum, each) => sum + each, 0) / ((cells - 1) * (seeds - 1)));
}
