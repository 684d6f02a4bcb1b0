import assert from "node:assert/strict";
import fc from "fast-check";
import { theilSen } from "#stats/theil_sen.ts";

Deno.test("a line is found whatever fewer than 29 % of its points are", () => {
  const far = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 5, maxLength: 5 });
  fc.assert(fc.property(far, fc.integer({ min: -9, max: 9 }), fc.nat(14), (outliers, slope, first) => {
    const x = Array.from({ length: 20 }, (_, i) => i);
    const y = x.map((each) => 7 + slope * each);
    outliers.forEach((value, i) => y[first + i] = value);
    const found = theilSen(x, y);
    assert.ok(Math.abs(found.slope - slope) < 1e-9 && Math.abs(found.level - 7) < 1e-6);
  }));
});

Deno.test("points above one another do not count as a slope; one point alone is refused", () => {
  assert.deepEqual(theilSen([0, 0, 1], [1, 3, 5]), { level: 2, slope: 3 });
  assert.throws(() => theilSen([2, 2], [1, 5]), /two points that differ in x/);
});
