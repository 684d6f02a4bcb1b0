import assert from "node:assert/strict";
import { buildSchedule } from "#schedules/registry.ts";

const SHAPE = { totalSteps: 100, stepsPerEpoch: 10 };
const STEPS = 40_000;
const noiseOf = (options: Record<string, unknown>): number[] => {
  const { lr } = buildSchedule({ name: "noise", of: { name: "constant", lr: 1 }, ...options }, SHAPE);
  return Array.from({ length: STEPS }, (_, t) => lr(t) - 1);
};
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const product = (a: readonly number[], b: readonly number[]) =>
  mean(a.map((value, index) => value * b[index]!));

for (const [distribution, deviation] of [["normal", 0.3753], ["uniform", 0.67 / Math.sqrt(3)]] as const) {
  Deno.test(`${distribution} noise has the moments of its distribution, and no memory`, () => {
    const [own, other] = [noiseOf({ distribution }), noiseOf({ distribution, seed: 7 })];
    assert.ok(own.every((value) => Math.abs(value) < 0.67));
    assert.ok(Math.abs(mean(own)) < 0.01, `mean ${mean(own)}`);
    assert.ok(Math.abs(Math.sqrt(product(own, own)) / deviation - 1) < 0.02);
    const unit = product(own, own);
    for (const lag of [1, 2, 3, 10, 100, 4091]) {
      const shifted = [...own.slice(lag), ...own.slice(0, lag)];
      assert.ok(Math.abs(product(own, shifted)) < 0.03 * unit, `lag ${lag}: ${product(own, shifted) / unit}`);
    }
    assert.ok(Math.abs(product(own, other)) < 0.03 * unit, `seeds: ${product(own, other) / unit}`);
  });
}

Deno.test("noise keeps to its range, and to the rate's own scale", () => {
  const spec = {
    name: "noise",
    amount: 0.1,
    start: "20%",
    end: "5 epochs",
    of: { name: "linear", lr: 1, duration: "100%" },
  };
  const { lr } = buildSchedule(spec, SHAPE);
  const plain = buildSchedule(spec.of, SHAPE).lr;
  for (let t = 0; t < 100; t++) {
    const ratio = lr(t) / plain(t) - 1;
    assert.equal(ratio !== 0, t >= 20 && t < 50, `step ${t}`);
    assert.ok(Math.abs(ratio) < 0.1);
  }
});
