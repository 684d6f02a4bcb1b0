import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import { normalCdf } from "#stats/distributions.ts";
import { kolmogorovDistance } from "#stats/kolmogorov.ts";

const uniform = (x: number) => Math.min(1, Math.max(0, x));

Deno.test("the distance of a few values is the one counted by hand, on both sides of a step", () => {
  assert.equal(kolmogorovDistance(Float64Array.of(0.5), uniform).distance, 0.5);
  assert.equal(kolmogorovDistance(Float64Array.of(0.9, 0.8), uniform).distance, 0.8);
  assert.equal(kolmogorovDistance(Float64Array.of(0.1, 0.2, 0.3, 0.4), uniform).distance, 0.6);
});

Deno.test("the critical value is that of Kolmogorov's table for large samples", () => {
  const { critical } = kolmogorovDistance(new Float64Array(10_000).fill(0.5), uniform);
  assert.ok(Math.abs(100 * critical - 1.3581) < 1e-4, `${critical}`);
});

Deno.test("of 400 samples of the distribution itself about one in twenty lies beyond the critical value", () => {
  let beyond = 0;
  for (let seed = 0; seed < 400; seed++) {
    const { normal } = random(seed, "kolmogorov");
    const { distance, critical } = kolmogorovDistance(Float64Array.from({ length: 500 }, normal), normalCdf);
    if (distance > critical) beyond++;
  }
  // 20 are expected, a few less since the table's value is for endless samples; binomial limits of 1 in 10,000.
  assert.ok(beyond >= 5 && beyond <= 37, `${beyond} of 400`);
});

Deno.test("the interval holds the distance of the distribution that the sample is from", () => {
  // Uniform on [0, 1] against uniform on [0, 1.25]: F differs by x − x/1.25, at most 0.2.
  for (let seed = 0; seed < 50; seed++) {
    const sample = Float64Array.from({ length: 400 }, random(seed, "shifted").uniform);
    const { interval: [low, high] } = kolmogorovDistance(sample, (x) => uniform(x / 1.25));
    assert.ok(low <= 0.2 && 0.2 <= high, `${low} ${high}`);
  }
});

Deno.test("an empty sample and values that are not finite are refused", () => {
  for (const values of [[], [NaN], [0, Infinity]]) {
    assert.throws(() => kolmogorovDistance(Float64Array.from(values), uniform), RangeError);
  }
});
