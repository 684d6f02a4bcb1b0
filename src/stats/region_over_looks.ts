import { type BestRegion, bestRegion, type CellDifference, type RegionOptions } from "./best_region.ts";
import { lookErrors } from "./looks.ts";

/** The best cell over looks, and what was open after each. */
export interface RegionOverLooks extends BestRegion {
  readonly looks: readonly {
    /** Seeds that the cells in it had. */
    readonly seeds: number;
    /** Indices of the cells that were neither detectably worse than the best nor within the margin of it. */
    readonly open: readonly number[];
  }[];
  /** Indices of the cells that the next look needs: the best and those that are not detectably worse; none where nothing is open. */
  readonly active: readonly number[];
}

/**
 * {@link bestRegion} where seeds are added in looks: a cell that is detectably worse than the best gets no further seeds
 * and stays out. It ends when every other cell that is left is within the margin of the best. Each look has its share of
 * the error (see {@link lookErrors}), and intervals hold for all pairs of all cells, also of those that are out.
 *
 * @param figures `figures[cell][seed]`, seeds in the order in which they are added, as far as a cell was run.
 * @param counts seeds at each look, rising. A look counts once every cell that it needs has its seeds.
 * @param margin a difference up to this does not matter.
 *
 * @example The third cell is out after two seeds; the other two need more
 * ```ts
 * import assert from "node:assert/strict";
 * import { regionOverLooks } from "#stats/region_over_looks.ts";
 *
 * const { looks, active, cells } = regionOverLooks([[0.71, 0.73], [0.70, 0.74], [0.1, 0.12]], [2, 4], 0.01);
 * assert.deepEqual(looks, [{ seeds: 2, open: [1] }]);
 * assert.deepEqual(active, [0, 1]);
 * assert.equal(cells[2]!.within, false);
 * ```
 */
export function regionOverLooks(
  figures: readonly (readonly (number | null)[])[],
  counts: readonly number[],
  margin: number,
  { confidence = 0.95, ...options }: Omit<RegionOptions, "among"> = {},
): RegionOverLooks {
  const errors = lookErrors(counts, 1 - confidence);
  const cells: CellDifference[] = [];
  const looks: RegionOverLooks["looks"][number][] = [];
  let active = figures.map((_, index) => index);
  let region: BestRegion | null = null;
  let best: number | null = null;
  for (const [look, count] of counts.entries()) {
    const ran = Math.min(count, ...active.map((cell) => figures[cell]!.length));
    // Before the first look is whole, what there is counts.
    if (look > 0 && ran < count) break;
    region = bestRegion(active.map((cell) => figures[cell]!.slice(0, ran)), {
      ...options,
      confidence: 1 - errors[look]!,
      among: figures.length,
    });
    const { cells: found } = region;
    active.forEach((cell, index) => cells[cell] = found[index]!);
    best = region.best === null ? null : active[region.best]!;
    if (ran < count) break;
    const within = active.filter((cell) => cells[cell]!.within);
    const open = within.filter((cell) => cell !== best && !isWithin(cells[cell]!.interval, margin));
    looks.push({ seeds: count, open });
    active = open.length === 0 ? [] : within;
    if (active.length === 0) break;
  }
  return { ...region!, best, cells, looks, active };
}

function isWithin(interval: readonly [number, number] | null, margin: number): boolean {
  return interval !== null && interval[0] > -margin && interval[1] < margin;
}
