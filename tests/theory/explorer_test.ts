import assert from "node:assert/strict";
import { exercise } from "#exercises/00_theory/exercise.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { openExplorer, rampedSchedule } from "#theory/explorer.ts";
import { runStudy } from "#theory/study.ts";

const STEPS = 2 ** exercise.settings.trajectoryDoublings;
const { problem } = exercise.settings;
const explore = openExplorer({ steps: STEPS, runs: 2000, seed: 1 });

Deno.test("across the valley and in the bowl, the exact error is that of exercise 0's trajectories", () => {
  const settings = { ...exercise.settings, floors: [], distributions: [], pairs: [], sumDoublings: 11 };
  const { trajectories } = runStudy({ ...settings, chains: { ...settings.chains, trajectories: 200 } }, 1);
  const plain = trajectories.filter(({ averageFrom }) => averageFrom === null);
  assert.equal(plain.length, 7);
  for (const { name, schedule, steps, exact } of plain) {
    for (const landscape of ["bowl", "valley"] as const) {
      const { across } = explore({ landscape, problem, momentum: 0, schedule }).exact;
      steps.forEach((step, index) =>
        assert.equal(across.mean[step]! ** 2 + across.variance[step]!, exact[index], `${name} at ${step}`)
      );
    }
  }
});

Deno.test("the sampled runs have the exact mean and variance", () => {
  const schedule = rampedSchedule({ rate: 0.3, warmup: 0.1, decay: 0.3 });
  const { exact, runsAt } = explore({ landscape: "valley", problem, momentum: 0.8, schedule });
  for (const step of [60, 500, STEPS]) {
    const runs = runsAt(step);
    const mean = runs.reduce((sum, x) => sum + x) / runs.length;
    const variance = runs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / runs.length;
    const deviation = Math.sqrt(exact.across.variance[step]!);
    // Four standard errors.
    assert.ok(Math.abs(mean - exact.across.mean[step]!) < 4 * deviation / Math.sqrt(runs.length));
    assert.ok(Math.abs(variance / deviation ** 2 - 1) < 4 * Math.sqrt(2 / runs.length), `${variance}`);
  }
});

Deno.test("the same settings give the same run, and other settings meet the same noise", () => {
  const at = (rate: number) =>
    explore({
      landscape: "bowl",
      problem,
      momentum: 0,
      schedule: rampedSchedule({ rate, warmup: 0, decay: 0 }),
    });
  const [one, again, other] = [at(0.1), at(0.1), at(0.1001)];
  assert.deepEqual(one.sampled, again.sampled);
  assert.deepEqual(one.runsAt(300), again.runsAt(300));
  assert.equal(one.sampled.x.length, STEPS + 1);
  assert.deepEqual([one.sampled.x[0], one.sampled.y[0]], [5, -5]);
  // A rate of a thousandth more moves each point by little.
  const moved = one.sampled.x.map((x, step) => Math.abs(x - other.sampled.x[step]!));
  assert.ok(Math.max(...moved) > 0 && Math.max(...moved) < 0.01);
});

Deno.test("warmup, a constant rate and a decay are shares of the run", () => {
  const spec = rampedSchedule({ rate: 0.5, warmup: 0.25, decay: 0.5 });
  const { lr } = buildSchedule(spec, { totalSteps: 100, stepsPerEpoch: 100 });
  assert.deepEqual([lr(0), lr(25), lr(49), lr(75), lr(100)], [0, 0.5, 0.5, 0.25, 0]);
  const constant = buildSchedule(rampedSchedule({ rate: 0.5, warmup: 0, decay: 0 }), {
    totalSteps: 100,
    stepsPerEpoch: 100,
  });
  assert.deepEqual([constant.lr(0), constant.lr(99)], [0.5, 0.5]);
});
