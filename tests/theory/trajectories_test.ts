import assert from "node:assert/strict";
import { exercise } from "#exercises/00_theory/exercise.ts";
import { measureTrajectories, type Trajectory } from "#theory/trajectories.ts";

const { problem, trajectories: settings } = exercise.settings;
const { trajectories, ends } = measureTrajectories(problem, settings, {
  chains: 1000,
  seed: 5,
  doublings: 8,
  pairs: [["step", "constant"], ["constant", "constant"]],
});
const named = (name: string): Trajectory => trajectories.find((trajectory) => trajectory.name === name)!;

Deno.test("measured errors are the exact ones, for every schedule at every step told", () => {
  for (const { name, steps, exact, measured } of trajectories) {
    steps.forEach((update, index) => {
      const { value, interval: [low, high] } = measured[index]!;
      // Three half widths: six standard errors. Without any noise yet (1/√t starts at rate 0) both are the same.
      const off = Math.abs(Math.log(value / exact[index]!));
      assert.ok(
        off <= 3 * Math.log(high / low) / 2 + 1e-12,
        `${name} at ${update}: ${value} for ${exact[index]}`,
      );
    });
  }
});

Deno.test("with c = 1/h the error is σ²/(h²t) exactly: x is the mean of all noise so far", () => {
  const { steps, exact } = named("1/t, c·h = 1");
  steps.forEach((update, index) => assert.ok(Math.abs(exact[index]! * 4 * update - 1) < 1e-12));
});

Deno.test("rates of c/t² leave the share Π(1 − ch/k²) of the start, sin(πa)/(πa) with a² = ch", () => {
  const { startLeft } = named("1/t²");
  const a = Math.PI * Math.sqrt(0.5);
  // Of the endless product's factors those beyond 256 are left out: a share of about ch/256.
  assert.ok(Math.abs(startLeft.exact / (Math.sin(a) / a) - 1 - 0.5 / 256) < 1e-4, `${startLeft.exact}`);
  const [low, high] = startLeft.interval;
  const margin = high - low;
  assert.ok(low - margin < startLeft.exact && startLeft.exact < high + margin);
});

Deno.test("the curve has the exact error, and every step of the measurements or a neighbour", () => {
  const { curve, steps, exact } = named("cosine");
  assert.deepEqual([curve.steps[0], curve.steps.at(-1)], [1, 256]);
  assert.ok(curve.steps.every((update, index) => index === 0 || update > curve.steps[index - 1]!));
  assert.equal(curve.error.at(-1), exact.at(-1));
  assert.equal(steps.at(-1), 256);
});

Deno.test("ends are compared chain by chain, and a name that is no trajectory is refused", () => {
  const [step, same] = ends;
  assert.ok(step!.interval[0] < step!.exact && step!.exact < step!.interval[1]);
  assert.deepEqual({ value: same!.value, exact: same!.exact }, { value: 1, exact: 1 });
  assert.ok(same!.interval[1] - same!.interval[0] < 1e-12);
  assert.throws(
    () =>
      measureTrajectories(problem, settings.slice(0, 1), {
        chains: 200,
        seed: 1,
        doublings: 4,
        pairs: [["constant", "none"]],
      }),
    /Cannot compare "none": no trajectory has this name/,
  );
});
