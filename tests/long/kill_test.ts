import assert from "node:assert/strict";
import { losses, surviveKills, training } from "../reliability/kills.ts";

Deno.test("a run that is killed at random moments and resumed is the run that was never stopped, bit for bit", async () => {
  const { kills, steps, differences } = await surviveKills(training(3, "cnn-dropout"), 3);
  assert.equal(kills.length, 3);
  assert.equal(steps, 40);
  assert.deepEqual(differences, []);
});

Deno.test("so is one with each loss whose weights change over it, with the masks that it kept", async () => {
  const { kills, steps, differences } = await surviveKills(losses(40), 4);
  assert.equal(kills.length, 4);
  assert.equal(steps, 640);
  assert.deepEqual(differences, []);
});
