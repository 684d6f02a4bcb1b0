import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import { bestRegion, detectableDifference, hopelessDifference } from "#stats/best_region.ts";
import { unsteady } from "#stats/unsteady.ts";
import { excluded } from "./best_region_coverage.ts";

const none = () => 0;
const one = () => 1;

Deno.test("without any effect fewer than 5 % of sweeps call a cell lower than the best", () => {
  for (const [cells, seeds] of [[4, 3], [9, 3], [12, 2], [9, 5]] as const) {
    for (const skewed of [false, true]) {
      const share = excluded({ cells, seeds, sweeps: 1500, effect: none, noise: one, skewed }, () => true);
      assert.ok(share < 0.05, `${cells} cells, ${seeds} seeds, skewed ${skewed}: ${share}`);
    }
  }
});

Deno.test("a cell that is truly lower is found, the best cells are kept", () => {
  const shape = {
    cells: 9,
    seeds: 3,
    sweeps: 500,
    effect: (cell: number) => cell === 0 ? -4 : 0,
    noise: one,
  };
  const found = excluded(shape, (cell) => cell === 0);
  assert.ok(found > 0.8, `${found}`);
  assert.ok(excluded(shape, (cell) => cell !== 0) < 0.05);
  assert.ok(excluded(shape, (cell) => cell === 0, true) < 0.2, "each pair's own interval finds as much");
});

Deno.test("a difference that the seeds share is no noise", () => {
  const seeds = [0.1, 0.5, 0.9];
  const rows = [0.02, 0, -0.02].map((effect, cell) =>
    seeds.map((seed, at) => seed + effect + ((cell + at) % 3) * 1e-4)
  );
  const region = bestRegion(rows);
  assert.equal(region.best, 0);
  assert.deepEqual(region.cells.map(({ within }) => within), [true, false, false]);
  assert.ok(region.residual! < 2e-4);
  const [low, high] = region.cells[1]!.interval!;
  assert.ok(low < -0.02 && high > -0.0202 && high < 0);
});

Deno.test("the residual is that of a two-way layout", () => {
  // By hand: rows 1, 3 and 2, 8 have row means 2 and 5, column means 1.5 and 5.5, mean 3.5; residuals are ±1.
  const region = bestRegion([[1, 3], [2, 8]]);
  assert.ok(Math.abs(region.residual! - 2) < 1e-12);
  assert.equal(region.degrees, 1);
});

Deno.test("a cell without all its figures is outside and takes no part; one seed leaves everything within", () => {
  const region = bestRegion([[0.5, 0.6], [0.9, null], [0.4, 0.5], [NaN, 0.99]]);
  assert.equal(region.best, 0);
  assert.deepEqual(region.cells.map(({ mean }) => mean !== null), [true, false, true, false]);
  assert.equal(region.cells[1]!.within, false);
  const single = bestRegion([[0.5], [0.9]]);
  assert.deepEqual(single.cells.map(({ within, interval }) => [within, interval]), [[true, null], [true, [
    0,
    0,
  ]]]);
  for (const empty of [[[null], [null]], [[null, 1], [1, null]], [[], []], []]) {
    assert.deepEqual(bestRegion(empty).best, null);
  }
  assert.throws(() => bestRegion([[1], [1, 2]]), RangeError);
});

Deno.test("equal readings are no certainty: an interval is never narrower than the resolution", () => {
  const region = bestRegion([[0.5, 0.5, 0.5], [0.498, 0.498, 0.498]], { resolution: 1 / 300 });
  assert.deepEqual(region.cells.map(({ within }) => within), [true, true]);
});

Deno.test("a search is given up only where neither what was found nor what is worthwhile could show", () => {
  const noisy = bestRegion([[0.5, 0.62], [0.6, 0.5], [0.55, 0.56]]);
  const smallest = hopelessDifference(noisy, 3, 0.01);
  assert.ok(smallest !== null && smallest > 0.05, `${smallest}`);
  assert.equal(hopelessDifference(noisy, 3, 0.9), null, "a difference worth knowing would show");
  assert.equal(hopelessDifference(noisy, 200, 0.02), null, "with so many seeds a small one would show");
  assert.equal(hopelessDifference(noisy, 2, 0.01), null, "nothing is left to run");
  const clear = bestRegion([[0.9, 0.91], [0.5, 0.511], [0.1, 0.112]]);
  assert.equal(clear.cells[2]!.within, false);
  assert.equal(hopelessDifference(clear, 3, 0.01), null);
  assert.ok(detectableDifference(1, 4, 5) < detectableDifference(1, 4, 3));
  assert.equal(detectableDifference(1, 4, 1), Infinity);
});

Deno.test("a run that collapses makes its cell unsteady, and does not hide what the others show", () => {
  const source = random(1, "collapse");
  const rows = [0.9, 0.89, 0.8, 0.8, 0.7, 0.6].map((mean) =>
    [1, 2, 3].map(() => mean + 0.004 * source.normal())
  );
  rows[3]![1] = 0.1;
  assert.deepEqual(unsteady(rows), [false, false, false, true, false, false]);
  const region = bestRegion(rows);
  assert.deepEqual(region.cells.map(({ steady }) => steady), [true, true, true, false, true, true]);
  assert.deepEqual(region.cells.map(({ within }) => within), [true, true, false, false, false, false]);
  assert.ok(region.residual! < 0.02, `${region.residual}`);
});

Deno.test("noise alone hardly ever makes a cell unsteady", () => {
  for (const [cells, seeds] of [[4, 2], [4, 3], [16, 3]] as const) {
    let found = 0;
    for (let sweep = 0; sweep < 1000; sweep++) {
      const source = random(sweep, "unsteady", cells);
      const rows = Array.from({ length: cells }, () => Array.from({ length: seeds }, () => source.normal()));
      if (unsteady(rows).some((shaky) => shaky)) found++;
    }
    assert.ok(found <= 10, `${cells} cells, ${seeds} seeds: ${found} of 1,000`);
  }
  assert.deepEqual(unsteady([[0, 5], [0, 0], [0, 0]]), [false, false, false], "three cells tell nothing");
  assert.deepEqual(
    unsteady([[1, 1], [1, 1], [1, 1], [1, 1.001]], 0.01),
    Array(4).fill(false),
    "within the resolution",
  );
});
