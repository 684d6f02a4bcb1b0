import { random } from "#lib/prng.ts";
import { bestRegion } from "#stats/best_region.ts";
import { pairedDifference } from "#stats/paired.ts";

/** Simulated sweeps: what the docstring of `bestRegion` says. `deno run tests/stats/best_region_coverage.ts`. */
export interface Simulation {
  readonly cells: number;
  readonly seeds: number;
  readonly sweeps: number;
  /** True mean of a cell, in standard deviations of the noise. */
  readonly effect: (cell: number) => number;
  /** Standard deviation of a cell's noise. */
  readonly noise: (cell: number) => number;
  /** Whether the noise is exponential (shifted to mean 0) in place of normal. */
  readonly skewed?: boolean;
}

/** Share of sweeps in which the region leaves out a cell that `wrong` says belongs to it. */
export function excluded(
  { cells, seeds, sweeps, effect, noise, skewed = false }: Simulation,
  wrong: (cell: number) => boolean,
  paired = false,
): number {
  let count = 0;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const source = random(sweep, "region", cells, seeds);
    const draw = () => skewed ? -Math.log(1 - source.uniform()) - 1 : source.normal();
    const shared = Array.from({ length: seeds }, () => 2 * source.normal());
    const figures = Array.from(
      { length: cells },
      (_, cell) => shared.map((seed) => effect(cell) + seed + noise(cell) * draw()),
    );
    const within = paired ? pairedRegion(figures) : bestRegion(figures).cells.map((cell) => cell.within);
    if (within.some((inside, cell) => !inside && wrong(cell))) count++;
  }
  return count / sweeps;
}

/** The same by the lab's interval for two arms, of all pairs: what `bestRegion` is compared with. */
function pairedRegion(figures: readonly (readonly number[])[]): boolean[] {
  const means = figures.map((row) => row.reduce((sum, value) => sum + value, 0) / row.length);
  const best = means.indexOf(Math.max(...means));
  const bySeed = (row: readonly number[]) => new Map(row.map((value, seed) => [seed, value]));
  const family = (figures.length * (figures.length - 1)) / 2;
  return figures.map((row, cell) =>
    cell === best || pairedDifference(bySeed(row), bySeed(figures[best]!), { family }).verdict !== "lower"
  );
}

if (import.meta.main) {
  const percent = (share: number) => (100 * share).toFixed(1).padStart(5);
  const none = () => 0;
  const one = () => 1;
  console.log(
    "cells seeds | no effect: normal, skewed, one cell scatters 3 times | one cell 4 sd lower found, by pairs",
  );
  for (const cells of [4, 9, 16]) {
    for (const seeds of [2, 3, 5]) {
      const shape = { cells, seeds, sweeps: 4000, effect: none, noise: one };
      const any = () => true;
      const uneven = { ...shape, noise: (cell: number) => cell === 0 ? 3 : 1 };
      const lower = { ...shape, sweeps: 1000, effect: (cell: number) => cell === 0 ? -4 : 0 };
      const figures = [
        excluded(shape, any),
        excluded({ ...shape, skewed: true }, any),
        excluded(uneven, any),
        excluded(lower, (cell) => cell === 0),
        excluded(lower, (cell) => cell === 0, true),
      ];
      console.log(String(cells).padStart(5), String(seeds).padStart(5), "|", ...figures.map(percent));
    }
  }
}
