import assert from "node:assert/strict";
import { dropoutKey } from "#compute/dropout_mask.ts";
import { attention } from "#compute/layers/attention.ts";
import golden from "./pytorch_attention_dropout.json" with { type: "json" };

/** The key of the script is that of these. */
const [SEED, NAME] = [3, "attention1"];

/** The largest difference of two arrays. */
function furthest(seen: ArrayLike<number>, wanted: readonly number[]): number {
  assert.equal(seen.length, wanted.length);
  return wanted.reduce((most, value, index) => Math.max(most, Math.abs(value - seen[index]!)), 0);
}

for (const { tokens, units, heads, causal, rate, key, step, batch, ...seen } of golden.cases) {
  Deno.test(`attention that drops ${100 * rate} % of its weights is PyTorch's, to 1e-12`, () => {
    assert.equal(dropoutKey(SEED, NAME), key);
    const layer = { kind: "attention", name: NAME, heads, causal, dropout: rate } as const;
    const qkv = Float64Array.from(seen.qkv);
    const { output, backward } = attention.apply(layer, qkv, [batch, tokens, 1, 3 * units], {
      mode: "training",
      read: () => assert.fail("attention has no variables"),
      gradients: {},
      moving: {},
      keep: 0.9,
      dropoutMask: { seed: SEED, step, first: 0 },
      apply: () => assert.fail("no layers inside"),
    });
    assert.ok(furthest(output, seen.output) < 1e-12);
    assert.ok(furthest(backward(Float64Array.from(seen.outer)), seen.gradient) < 1e-12);
  });
}
