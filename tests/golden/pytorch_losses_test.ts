import assert from "node:assert/strict";
import { softmaxLoss } from "#compute/reference/loss.ts";
import type { LabelLossSpec } from "#train/loss.ts";
import golden from "./pytorch_losses.json" with { type: "json" };

for (const { loss, value, gradient } of golden.cases) {
  Deno.test(`${Object.values(loss).join(" ")} and its gradient are PyTorch's to 1e-14`, () => {
    const seen = softmaxLoss(
      Float64Array.from(golden.logits),
      golden.labels,
      golden.classes,
      loss as LabelLossSpec,
    );
    const differences = [...seen.gradient].map((slope, index) => Math.abs(slope - gradient[index]!));
    const largest = Math.max(Math.abs(seen.loss - value), ...differences);
    assert.equal(differences.length, golden.logits.length);
    assert.ok(largest < 1e-14, `off by ${largest}`);
    console.log(`    off by ${largest.toExponential(1)} at most`);
  });
}

Deno.test("the golden losses differ from each other by far more than the tolerance", () => {
  assert.equal(new Set(golden.cases.map(({ value }) => value.toFixed(3))).size, golden.cases.length);
  assert.match(golden.torch, /^\d+\.\d+/);
});
