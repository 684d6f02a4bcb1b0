import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import {
  disagreement,
  ensembleProbabilities,
  type Logits,
  memberWeights,
  score,
  softmax,
} from "#stats/ensemble.ts";
import { gainByMembers } from "#stats/ensemble_gain.ts";

const logits = (...rows: number[][]): Logits => ({
  images: rows.length,
  classes: rows[0]!.length,
  values: rows.flat(),
});
const close = (found: ArrayLike<number>, expected: readonly number[]) =>
  expected.forEach((value, index) =>
    assert.ok(Math.abs(found[index]! - value) < 1e-12, `${index}: ${found[index]}`)
  );

Deno.test("softmax: rows sum to one, and large logits do not overflow", () => {
  close(softmax(logits([Math.log(1), Math.log(3)], [1000, 1000])), [0.25, 0.75, 0.5, 0.5]);
});

Deno.test("the mean of probabilities and the mean of logits are two different ensembles", () => {
  // Probabilities (0.9, 0.1) and (0.5, 0.5): arithmetic mean 0.7; geometric 3 : 1.
  const members = [logits([Math.log(9), 0]), logits([0, 0])];
  close(ensembleProbabilities(members, "probability"), [0.7, 0.3]);
  close(ensembleProbabilities(members, "logits"), [0.75, 0.25]);
  close(ensembleProbabilities(members, "probability", [3, 1]), [0.8, 0.2]);
});

Deno.test("score: accuracy, and cross-entropy that stays finite", () => {
  const { accuracy, loss } = score([0.5, 0.5, 0.2, 0.8, 0.9, 0.1], [0, 1, 1]);
  assert.equal(accuracy, 2 / 3);
  assert.ok(Math.abs(loss - -(Math.log(0.5) + Math.log(0.8) + Math.log(0.1)) / 3) < 1e-12);
  assert.ok(Number.isFinite(score([1, 0], [1]).loss));
});

Deno.test("weights follow each member's own answers on validation data", () => {
  const good = logits([Math.log(9), 0], [0, Math.log(9)]);
  const bad = logits([0, Math.log(9)], [0, Math.log(9)]);
  close(memberWeights([good, bad], [0, 1], "accuracy"), [2 / 3, 1 / 3]);
  // Geometric mean of the true class's probability: 0.9, and √(0.1 · 0.9) = 0.3.
  close(memberWeights([good, bad], [0, 1], "likelihood"), [0.75, 0.25]);
});

Deno.test("disagreement is the share of images, averaged over pairs", () => {
  const [one, two, three] = [logits([1, 0], [1, 0]), logits([1, 0], [0, 1]), logits([1, 0], [1, 0])];
  assert.equal(disagreement([one, two]), 0.5);
  assert.ok(Math.abs(disagreement([one, two, three])! - 1 / 3) < 1e-12);
  assert.equal(disagreement([one]), null);
});

Deno.test("independent members gain: one is the mean of the members, all is the ensemble", () => {
  const source = random(5, "members");
  const labels = Array.from({ length: 400 }, () => source.below(3));
  const members = Array.from(
    { length: 5 },
    () => logits(...labels.map((label) => [0, 1, 2].map((one) => (one === label ? 1 : 0) + source.normal()))),
  );
  const gain = gainByMembers(members, labels);
  const alone = members.map((member) => score(softmax(member), labels).accuracy);
  assert.ok(Math.abs(gain[0]!.accuracy - alone.reduce((sum, one) => sum + one) / 5) < 1e-12);
  assert.ok(
    Math.abs(gain[4]!.loss - score(ensembleProbabilities(members, "probability"), labels).loss) < 1e-12,
  );
  assert.ok(gain[4]!.accuracy > gain[0]!.accuracy + 0.1, JSON.stringify(gain));
});

Deno.test("what is no ensemble is refused", () => {
  assert.throws(() => ensembleProbabilities([], "logits"), /no members/);
  assert.throws(() => ensembleProbabilities([logits([1, 2]), logits([1, 2, 3])], "logits"), /Cannot join/);
  assert.throws(() => ensembleProbabilities([logits([1, 2])], "logits", [-1]), /none may be negative/);
  assert.throws(() => score([0.5, 0.5, 1], [0, 1]), /Cannot score/);
});
