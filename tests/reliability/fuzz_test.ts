import assert from "node:assert/strict";
import { fuzz } from "./fuzz.ts";
import { targets } from "./targets.ts";

const all = await targets();

Deno.test("the shares of the fuzzed readers make up all inputs", () => {
  const whole = all.reduce((sum, { share }) => sum + share, 0);
  assert.ok(Math.abs(whole - 1) < 1e-9, String(whole));
});

Deno.test("what is changed at random was right", async () => {
  for (const { read, seeds } of all) await read(Uint8Array.from(seeds[0]!));
});

Deno.test("hostile inputs are read or refused in words", async (t) => {
  for (const target of all) {
    await t.step(target.name, async () => {
      const { inputs, read, refused, faults } = await fuzz(target, 0, 60);
      assert.deepEqual(faults, []);
      assert.equal(read + refused, inputs);
    });
  }
});

Deno.test("an error that is no refusal is a fault, with the number of its input", async () => {
  const [target] = all;
  const broken = { ...target!, read: () => null!["x"] };
  const { faults, faultCount } = await fuzz(broken, 7, 12);
  assert.equal(faultCount, 12);
  assert.equal(faults.length, 10);
  assert.match(faults[0]!, /^input 7: TypeError: Cannot read properties of null/);
});
