import assert from "node:assert/strict";
import { linear, logarithmic, PLACES, whole } from "#browser/controls/positions.ts";
import { decades, extent, roundUp } from "#browser/ends.ts";

Deno.test("places of a slider stand for round values, and lead back", () => {
  const shares = linear(0, 0.99, 0.01);
  assert.deepEqual([0, 500, PLACES].map(shares.valueAt), [0, 0.5, 0.99]);
  const rates = logarithmic(0.001, 2);
  assert.deepEqual([rates.valueAt(0), rates.valueAt(PLACES)], [0.001, 2]);
  assert.equal(rates.valueAt(500), 0.0447);
  const steps = whole(1, 1024);
  assert.deepEqual([1, 333, PLACES].map(steps.valueAt), [2, 342, 1024]);
  for (const positions of [shares, rates, steps]) {
    for (const place of [0, 1, 250, 777, PLACES]) {
      const value = positions.valueAt(place);
      assert.equal(positions.valueAt(positions.placeOf(value)), value);
    }
    assert.deepEqual([positions.placeOf(-1), positions.placeOf(1e9)], [0, PLACES]);
  }
  const withZero = logarithmic(1e-6, 1, { zero: true });
  assert.deepEqual([withZero.valueAt(0), withZero.placeOf(0), withZero.valueAt(1)], [0, 0, 0.00000101]);
});

Deno.test("ends of axes are round and hold all values", () => {
  assert.deepEqual(decades([3, 0.02, 0, -1, NaN, Infinity]), [0.01, 10]);
  assert.deepEqual([decades([1]), decades([])], [[1, 10], [0.1, 1]]);
  assert.deepEqual([0.3, 1, 2.1, 7, 0.00021].map(roundUp), [0.5, 1, 2.5, 10, 0.00025]);
  assert.deepEqual([roundUp(0), roundUp(Infinity)], [1, 1]);
  assert.deepEqual([extent([2, NaN, -3]), extent([NaN])], [[-3, 2], [null, null]]);
});
