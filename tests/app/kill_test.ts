import assert from "node:assert/strict";
import { surviveKills } from "./kills.ts";

Deno.test("a run that is killed at random moments and resumed is the run that was never stopped, bit for bit", async () => {
  const { kills, steps, differences } = await surviveKills(3, 3, "cnn-dropout");
  assert.equal(kills.length, 3);
  assert.equal(steps, 40);
  assert.deepEqual(differences, []);
});
