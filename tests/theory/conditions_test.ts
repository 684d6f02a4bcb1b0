import assert from "node:assert/strict";
import { exercise } from "#exercises/00_theory/exercise.ts";
import { conditionsOf } from "#schedules/robbins_monro.ts";
import { CATALOGUE } from "#schedules/entries.ts";
import { measureConditions } from "#theory/conditions.ts";

const RUN = { totalSteps: 100, stepsPerEpoch: 10 };
const scheduleOf = (name: string) =>
  exercise.settings.trajectories.find((trajectory) => trajectory.name === name)!.schedule;

Deno.test("sums are those of the harmonic series and of its squares", () => {
  const { rates, squares, checker } = measureConditions(
    { name: "1/t", schedule: scheduleOf("1/t, c·h = 1") },
    RUN,
    17,
  );
  assert.deepEqual(rates.steps.slice(0, 4), [1, 2, 4, 8]);
  // 0.5·H(n): H(8) = 761/280; H(n) = ln n + γ + 1/2n.
  assert.ok(Math.abs(rates.total[3]! - 761 / 560) < 1e-14);
  assert.ok(Math.abs(rates.total[17]! - 0.5 * (17 * Math.LN2 + 0.5772156649 + 2 ** -18)) < 1e-9);
  assert.ok(Math.abs(squares.total[17]! - 0.25 * (Math.PI ** 2 / 6 - 2 ** -17)) < 1e-9);
  rates.added.reduce((sum, added, index) => {
    assert.ok(Math.abs(sum + added - rates.total[index]!) < 1e-12);
    return sum + added;
  }, 0);
  assert.equal(checker, null);
});

Deno.test("each schedule of exercise 0 meets what mathematics says", () => {
  const expected: Record<string, [sumDiverges: boolean, squaresConverge: boolean]> = {
    "constant": [true, false],
    "1/√t": [true, false],
    "1/t, c·h = 1": [true, true],
    "1/t, c·h = 1/4": [true, true],
    "1/t²": [false, true],
    "cosine": [false, true],
    "step": [false, true],
  };
  for (const [name, answer] of Object.entries(expected)) {
    const { rates, squares } = measureConditions({ name, schedule: scheduleOf(name) }, RUN, 17);
    assert.deepEqual([rates.diverges, !squares.diverges], answer, name);
  }
});

Deno.test("sums agree with the checker for every schedule of the catalogue that it answers for", () => {
  let answered = 0;
  for (const { name, sample } of Object.values(CATALOGUE.entries)) {
    if (conditionsOf(sample) === null) continue;
    const { rates, squares, checker } = measureConditions({ name, schedule: sample }, RUN, 16);
    assert.deepEqual(
      { sumDiverges: rates.diverges, squaresConverge: !squares.diverges },
      { sumDiverges: checker!.sumDiverges, squaresConverge: checker!.squaresConverge },
      name,
    );
    answered++;
  }
  assert.ok(answered >= 15, `${answered} schedules`);
});
