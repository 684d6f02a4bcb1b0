import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import { bestRegion } from "#stats/best_region.ts";
import { lookErrors } from "#stats/looks.ts";
import { regionOverLooks } from "#stats/region_over_looks.ts";

Deno.test("one look is the best region itself", () => {
  const figures = [[0.70, 0.72, 0.71], [0.705, 0.718, 0.70], [0.60, 0.63, 0.61]];
  const { best, cells, looks } = regionOverLooks(figures, [3], 0.001);
  const plain = bestRegion(figures);
  assert.equal(best, plain.best);
  assert.deepEqual(cells, plain.cells);
  assert.deepEqual(looks, [{ seeds: 3, open: [1] }]);
});

Deno.test("a cell that is out stays out with the figures of its look; intervals still hold for pairs of all cells", () => {
  const figures = [[0.70, 0.72, 0.74, 0.71], [0.71, 0.715, 0.72, 0.73], [0.1, 0.12]];
  const { cells, looks, seeds } = regionOverLooks(figures, [2, 4], 0.001);
  assert.deepEqual(looks.map(({ seeds }) => seeds), [2, 4]);
  assert.equal(seeds, 4);
  const [first, second] = lookErrors([2, 4], 0.05);
  const early = bestRegion(figures.map((row) => row.slice(0, 2)), { confidence: 1 - first! });
  assert.deepEqual(cells[2], early.cells[2]);
  const late = bestRegion(figures.slice(0, 2), { confidence: 1 - second!, among: 3 });
  assert.deepEqual(cells.slice(0, 2), late.cells);
});

Deno.test("a look that a cell lacks is not taken; a cell without a figure is out", () => {
  const waiting = regionOverLooks([[0.7, 0.72, 0.74], [0.71, 0.715]], [2, 3], 0.001);
  assert.deepEqual(waiting.looks.map(({ seeds }) => seeds), [2]);
  const failed = regionOverLooks([[0.7, 0.72], [0.71, 0.715], [0.7, null]], [2], 0.001);
  assert.equal(failed.cells[2]!.within, false);
  assert.equal(failed.cells[2]!.mean, null);
});

Deno.test("without an effect fewer than 5 % of sweeps call a cell lower than the best at any look", () => {
  const source = random(20261128, "region over looks");
  let wrong = 0;
  for (let sweep = 0; sweep < 400; sweep++) {
    const figures = Array.from({ length: 6 }, () => Array.from({ length: 8 }, source.normal));
    if (regionOverLooks(figures, [2, 4, 8], 0.01).cells.some(({ within }) => !within)) wrong++;
  }
  // Standard error at 5 %: 1.1 points.
  assert.ok(wrong / 400 < 0.07, `${wrong / 400}`);
});
