import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import {
  distanceScratch,
  squaredDistanceField,
  squaredDistances,
} from "#train/segmentation/distance_transform.ts";

/** Every pixel against every other. */
function byComparing(mask: Uint8Array, value: number, height: number, width: number): number[] {
  const places = [...mask.keys()].filter((pixel) => mask[pixel] === value);
  return Array.from({ length: height * width }, (_, pixel) => {
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    return Math.min(
      ...places.map((place) => (Math.floor(place / width) - y) ** 2 + (place % width - x) ** 2),
    );
  });
}

Deno.test("distances are those of comparing every pixel with every other, to the last bit", () => {
  const source = random(1, "masks");
  for (let round = 0; round < 24; round++) {
    const [height, width] = [1 + source.below(30), 1 + source.below(30)];
    const density = [0.005, 0.05, 0.5, 0.97][round % 4]!;
    const mask = Uint8Array.from({ length: height * width }, () => source.uniform() < density ? 1 : 0);
    const into = new Float64Array(height * width);
    const scratch = distanceScratch(height, width);
    for (const value of [0, 1]) {
      squaredDistances(mask, value, [height, width], into, scratch);
      assert.deepEqual([...into], byComparing(mask, value, height, width));
    }
  }
});

Deno.test("without a pixel there is no distance, and without a boundary the field is 0", () => {
  const size = [3, 4] as const;
  const into = new Float64Array(12).fill(7);
  const other = new Float64Array(12);
  squaredDistances(new Uint8Array(12), 1, size, into);
  assert.ok(into.every((value) => value === Infinity));
  for (const mask of [new Uint8Array(12), new Uint8Array(12).fill(1)]) {
    squaredDistanceField(mask, size, into, other, distanceScratch(...size));
    assert.ok(into.every((value) => value === 0));
  }
});

Deno.test("the field of a bar is the squared distance to its edge from both sides", () => {
  const mask = Uint8Array.of(0, 0, 1, 1, 1, 0);
  const field = new Float64Array(6);
  squaredDistanceField(mask, [1, 6], field, new Float64Array(6), distanceScratch(1, 6));
  assert.deepEqual([...field], [4, 1, 1, 4, 1, 1]);
});
