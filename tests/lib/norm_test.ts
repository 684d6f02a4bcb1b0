import assert from "node:assert/strict";
import { norm } from "#lib/norm.ts";

Deno.test("the norm is that of Math.hypot, of no values 0, and NaN where a value is", () => {
  assert.equal(norm([]), 0);
  assert.equal(norm(Float64Array.of(2, -3, 6)), 7);
  assert.ok(Math.abs(norm([0.1, 0.2, 0.3]) - Math.hypot(0.1, 0.2, 0.3)) < 1e-15);
  assert.ok(Number.isNaN(norm([1, NaN])));
});
