import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import { surviveKills } from "../reliability/kills.ts";
import { referenceOf } from "../reliability/reference.ts";
import { losses, type Subject, training } from "../reliability/subjects.ts";

async function check(
  subject: Subject,
  { together, steps }: { readonly together: number; readonly steps: number },
): Promise<void> {
  await using reference = await referenceOf(subject);
  assert.equal(reference.steps, steps);
  const source = random("kills", Date.now());
  const { kills, compared, differences } = await surviveKills(reference, { count: 4, together, source });
  assert.ok(kills.length >= 4 && compared > 0);
  assert.deepEqual(differences, []);
}

Deno.test("a run that is killed at random moments and resumed is the run that was never stopped, bit for bit", () =>
  check(training(3, "cnn-dropout"), { together: 1, steps: 40 }));

Deno.test("so is one with each loss whose weights change over it, with the masks that it kept", () =>
  check(losses(5), { together: 3, steps: 80 }));
