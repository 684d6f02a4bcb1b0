import assert from "node:assert/strict";
import { landscapeMoments, landscapeOf, lossAt, lossFloor, stabilityLimit } from "#theory/landscape.ts";
import { moments, stationaryVariance } from "#theory/quadratic.ts";

const PROBLEM = { curvature: 2, noise: 1, start: 5 };

Deno.test("a bowl is as steep in both directions; a valley is a hundred times flatter along its floor", () => {
  const bowl = landscapeOf("bowl", PROBLEM);
  assert.deepEqual(bowl.along, { ...PROBLEM, start: -5 });
  const valley = landscapeOf("valley", PROBLEM);
  assert.deepEqual(valley.across, PROBLEM);
  assert.deepEqual(valley.along, { curvature: 0.02, noise: 0.1, start: -5 });
  assert.equal(lossAt(valley, 5, 0), 25);
  assert.equal(lossAt(valley, 0, -5), 0.25);
});

Deno.test("the expected loss is that of both directions' exact moments", () => {
  const valley = landscapeOf("valley", PROBLEM);
  const rates = Float64Array.from({ length: 200 }, (_, step) => 0.4 * (1 - step / 200));
  const found = landscapeMoments(valley, rates, 0.5);
  assert.deepEqual(found.across, moments(PROBLEM, rates, 0.5));
  assert.equal(found.loss[0], 25.25);
  for (const step of [1, 50, 200]) {
    const error = ({ mean, variance }: typeof found.across) => mean[step]! ** 2 + variance[step]!;
    assert.equal(found.loss[step], error(found.across) + 0.01 * error(found.along));
  }
});

Deno.test("the floor is where a constant rate settles, and there is none beyond 2(1 + μ)", () => {
  const bowl = landscapeOf("bowl", PROBLEM);
  const floor = lossFloor(bowl, 0.25, 0)!;
  assert.equal(floor, 2 * stationaryVariance(PROBLEM, 0.25));
  const { loss } = landscapeMoments(bowl, new Float64Array(2000).fill(0.25), 0);
  assert.ok(Math.abs(loss[2000]! / floor - 1) < 1e-12);
  assert.equal(lossFloor(bowl, 1, 0), null);
  assert.ok(lossFloor(bowl, 1, 0.9)! > 0);
  assert.equal(lossFloor(bowl, 0, 0), null);
  assert.equal(stabilityLimit(0.9), 3.8);
});
