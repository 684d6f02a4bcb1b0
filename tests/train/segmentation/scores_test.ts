import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import { boundaryTolerance, createTally, scoresOf, scoreSums } from "#train/segmentation/scores.ts";

type Point = readonly [y: number, x: number];

/** Every definition once more, by lists of points. */
function byPoints(predicted: Uint8Array, actual: Uint8Array, height: number, width: number, label: number) {
  const points = (mask: Uint8Array): Point[] =>
    [...mask.keys()].filter((at) => mask[at] === label).map((at) => [Math.floor(at / width), at % width]);
  const edge = (mask: Uint8Array) =>
    points(mask).filter(([y, x]) =>
      ([[y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]] as const).some(([v, u]) =>
        v < 0 || u < 0 || v >= height || u >= width || mask[v * width + u] !== label
      )
    );
  const [p, t] = [points(predicted), points(actual)];
  if (p.length + t.length === 0) return null;
  const common = p.filter(([y, x]) => actual[y * width + x] === label).length;
  const [one, other] = [edge(predicted), edge(actual)];
  const distances = (from: Point[], to: Point[]) =>
    from.map(([y, x]) => Math.min(...to.map(([v, u]) => Math.hypot(y - v, x - u)))).sort((a, b) => a - b);
  const [forth, back] = [distances(one, other), distances(other, one)];
  const at95 = (values: number[]) => {
    const place = 0.95 * (values.length - 1);
    const low = Math.floor(place);
    return values[low]! + (place - low) * ((values[low + 1] ?? values[low]!) - values[low]!);
  };
  const share = (values: number[]) =>
    values.filter((value) => value <= boundaryTolerance(height, width)).length / values.length;
  const empty = p.length === 0 || t.length === 0;
  const [precision, recall] = empty ? [0, 0] : [share(forth), share(back)];
  return {
    dice: 2 * common / (p.length + t.length),
    iou: common / new Set([...p, ...t].map(String)).size,
    hausdorff_95: empty ? Math.hypot(height, width) : Math.max(at95(forth), at95(back)),
    boundary_f1: precision + recall === 0 ? 0 : 2 * precision * recall / (precision + recall),
  };
}

const mean = (values: readonly (number | null)[]) => {
  const there = values.filter((value) => value !== null);
  return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0) / there.length;
};

Deno.test("figures are those of their definitions, over images and classes", () => {
  const source = random(2, "scores");
  const [height, width, classes] = [14, 11, 4];
  // Blocks of one class, so that there are boundaries; class 3 never occurs.
  const masks = () => {
    const mask = new Uint8Array(height * width);
    for (let block = source.below(4); block > 0; block--) {
      const [top, left] = [source.below(height), source.below(width)];
      const label = source.below(3);
      for (let y = top; y < Math.min(height, top + 5); y++) {
        for (let x = left; x < Math.min(width, left + 4); x++) mask[y * width + x] = label;
      }
    }
    return mask;
  };
  const images = Array.from({ length: 30 }, () => ({ predicted: masks(), actual: masks() }));
  const tally = createTally([height, width, classes]);
  const sums = new Float64Array(scoreSums(classes));
  for (const { predicted, actual } of images) tally.add(predicted, actual, sums);
  const scores = scoresOf(sums);
  for (const figure of ["dice", "iou", "hausdorff_95", "boundary_f1"] as const) {
    const wanted = mean(
      [1, 2, 3].map((label) =>
        mean(
          images.map(({ predicted, actual }) =>
            byPoints(predicted, actual, height, width, label)?.[figure] ?? null
          ),
        )
      ),
    );
    assert.ok(Math.abs(scores[figure]! - wanted!) < 1e-12, `${figure}: ${scores[figure]}, ${wanted}`);
  }
  assert.equal(scores.class_dice.length, classes);
  assert.equal(scores.class_dice[3], null, "a class that never occurs has no figure");
  assert.ok(scores.class_dice[0]! > 0.5);
});

Deno.test("a perfect mask has 1, 1, 0 pixels and 1; nothing in place of something has 0 and the diagonal", () => {
  const actual = Uint8Array.from(
    { length: 64 },
    (_, at) => at % 8 > 2 && at % 8 < 6 && at > 16 && at < 40 ? 1 : 0,
  );
  const of = (predicted: Uint8Array) => {
    const sums = new Float64Array(scoreSums(2));
    createTally([8, 8, 2]).add(predicted, actual, sums);
    const { dice, iou, hausdorff_95, boundary_f1 } = scoresOf(sums);
    return [dice, iou, hausdorff_95, boundary_f1];
  };
  assert.deepEqual(of(actual), [1, 1, 0, 1]);
  assert.deepEqual(of(new Uint8Array(64)), [0, 0, Math.hypot(8, 8), 0]);
});

Deno.test("masks that are shifted by one pixel lie at a distance of one, within the tolerance", () => {
  const square = (left: number) =>
    Uint8Array.from({ length: 400 }, (_, at) => {
      const [y, x] = [Math.floor(at / 20), at % 20];
      return y >= 5 && y < 13 && x >= left && x < left + 8 ? 1 : 0;
    });
  const sums = new Float64Array(scoreSums(2));
  createTally([20, 20, 2]).add(square(5), square(6), sums);
  const { hausdorff_95, boundary_f1, dice } = scoresOf(sums);
  assert.deepEqual([hausdorff_95, boundary_f1, dice], [1, 1, 2 * 56 / 128]);
});

Deno.test("without any figure in truth and prediction there is nothing to judge but the background", () => {
  const sums = new Float64Array(scoreSums(3));
  createTally([4, 4, 3]).add(new Uint8Array(16), new Uint8Array(16), sums);
  const scores = scoresOf(sums);
  assert.deepEqual(scores.class_dice, [1, null, null]);
  assert.deepEqual([scores.dice, scores.iou, scores.hausdorff_95, scores.boundary_f1], [
    null,
    null,
    null,
    null,
  ]);
});
