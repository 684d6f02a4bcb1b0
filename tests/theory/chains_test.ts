import assert from "node:assert/strict";
import { runChains } from "#theory/chains.ts";

const PROBLEM = { curvature: 2, noise: 0.5, start: 1 };

/** Draws 1, 2, 3, …. */
function counting(): () => number {
  let count = 0;
  return () => ++count;
}

Deno.test("a chain follows PyTorch's SGD by hand: v ← μv + g, x ← x − ηv", () => {
  const kept = runChains(PROBLEM, [{ rates: Float64Array.of(0.1, 0.2), momentum: 0.5 }], {
    chains: 2,
    keep: [1, 2],
    noise: counting(),
  });
  // Chain 0 sees noise 0.5·1 then 0.5·3: v = 2.5, x = 0.75; v = 1.25 + 1.5 + 1.5 = 4.25, x = −0.1.
  // Chain 1 sees 0.5·2 then 0.5·4: v = 3, x = 0.7; v = 1.5 + 1.4 + 2 = 4.9, x = −0.28.
  const expected = [[0.75, 0.7], [-0.1, -0.28]];
  kept[0]!.forEach((x, index) =>
    x.forEach((value, chain) => assert.ok(Math.abs(value - expected[index]![chain]!) < 1e-15))
  );
});

Deno.test("arms see the same noise, and one does not change another", () => {
  const options = { chains: 3, keep: [4] };
  const [slow, fast] = [0.1, 0.3].map((rate) => ({ rates: new Float64Array(4).fill(rate) }));
  const both = runChains(PROBLEM, [slow!, fast!, slow!], { ...options, noise: counting() });
  const alone = runChains(PROBLEM, [fast!], { ...options, noise: counting() });
  assert.deepEqual(both[0], both[2]);
  assert.deepEqual(both[1], alone[0]);
});

Deno.test("an average is the mean of the iterates since its start, the iterate itself before", () => {
  const rates = new Float64Array(5).fill(0.1);
  const options = { chains: 2, keep: [1, 2, 3, 4, 5] };
  const [x] = runChains(PROBLEM, [{ rates }], { ...options, noise: counting() });
  const [mean] = runChains(PROBLEM, [{ rates, averageFrom: 2 }], { ...options, noise: counting() });
  assert.deepEqual(mean!.slice(0, 3), x!.slice(0, 3));
  for (const chain of [0, 1]) {
    const [third, fourth, fifth] = [2, 3, 4].map((index) => x![index]![chain]!);
    assert.ok(Math.abs(mean![4]![chain]! - (third! + fourth! + fifth!) / 3) < 1e-15);
  }
});

Deno.test("a step beyond an arm's rates is refused", () => {
  const run = () =>
    runChains(PROBLEM, [{ rates: new Float64Array(3) }], { chains: 1, keep: [4], noise: () => 0 });
  assert.throws(run, { name: "RangeError", message: /step 4 of an arm of 3/ });
});
