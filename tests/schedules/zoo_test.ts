import assert from "node:assert/strict";
import { cycleFinder } from "#schedules/cycles.ts";
import { cyclesOf, sgdr } from "#schedules/sgdr/formula.ts";
import { inSteps } from "#schedules/in_steps.ts";
import { buildSchedule, checkSchedule } from "#schedules/registry.ts";

const SHAPE = { totalSteps: 120, stepsPerEpoch: 10 };
const rates = (spec: Record<string, unknown>, ...steps: number[]) =>
  steps.map(buildSchedule(spec as never, SHAPE).lr);
const close = (ours: number[], expected: number[]) =>
  ours.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]!) <= 1e-12, `${ours} is not ${expected}`)
  );

Deno.test("sgdr with a warmup in every cycle: only the descents grow", () => {
  const { lr, cycles } = sgdr({ lr: 0.1, eta_min: 0.02, T_0: 12, warmup: 4, T_mult: 2 });
  // Cycles of 4 + 8, 4 + 16, 4 + 32 steps.
  const starts = Array.from({ length: 200 }, (_, t) => t).filter((t) => cycles(t).isRestart);
  assert.deepEqual(starts.slice(0, 3), [12, 32, 68]);
  close([lr(0), lr(2), lr(4), lr(8), lr(12), lr(16)], [0.02, 0.06, 0.1, 0.06, 0.02, 0.1]);
});

Deno.test("sgdr with shrinking cycles ends at the minimum when no descent has a whole step", () => {
  const { lr, cycles } = sgdr({ lr: 0.1, eta_min: 0.01, T_0: 8, T_mult: 0.5, lr_decay: 0.5 });
  // Descents of 8, 4, 2 and 1 steps, at rates of 1, 1/2, 1/4 and 1/8.
  const starts = Array.from({ length: 1000 }, (_, t) => t).filter((t) => cycles(t).isRestart);
  assert.deepEqual(starts, [8, 12, 14]);
  close([lr(8), lr(12), lr(14), lr(15), lr(999)], [0.05, 0.025, 0.0125, 0.00125, 0.00125]);
  for (const T_mult of [0.1, 0.9, 0.999999, 1 - 2 ** -52]) {
    const { starts, limit } = cyclesOf({ T_0: 100, T_mult, warmup: null, cycle_limit: null });
    const find = cycleFinder(starts, limit);
    assert.ok(find(1e9).cycle <= limit! - 1);
    assert.ok(starts(Math.min(limit!, 1000)) > starts(Math.min(limit!, 1000) - 1));
  }
});

Deno.test("sgdr decays its peak alone, or its minimum too", () => {
  const spec = { name: "sgdr", lr: 0.1, eta_min: 0.01, T_0: "10 steps", lr_decay: 0.5, inclusive_end: true };
  close(rates(spec, 10, 19), [0.05, 0.005]);
  close(rates({ ...spec, decay_min: false }, 10, 19), [0.05, 0.01]);
});

Deno.test("wsd in cycles: each stable phase after the first starts from lr without a warmup", () => {
  const spec = { name: "wsd", lr: 1, warmup: "4 steps", stable: "6 steps", decay: "4 steps", cycles: 2 };
  close(rates(spec, 2, 4, 9, 12, 14, 19, 22, 24, 99), [0.5, 1, 1, 0.5, 1, 1, 0.5, 0, 0]);
  const { cycles } = buildSchedule(spec, SHAPE);
  assert.deepEqual([cycles!(13).isLast, cycles!(14).isRestart, cycles!(99).cycle], [true, true, 1]);
});

Deno.test("wsd: the shapes of the fall at a quarter of it, and their ends", () => {
  const at = (decay_shape: string, ...steps: number[]) =>
    rates({
      ...{ name: "wsd", lr: 1, warmup: "0 steps", stable: "0 steps", decay: "40 steps" },
      ...{ decay_shape, min_ratio: 0.25 },
    }, ...steps);
  const expected: Record<string, number> = {
    linear: 0.25 + 0.75 * 0.75,
    cosine: 0.25 + 0.75 * (1 + Math.SQRT1_2) / 2,
    "1-sqrt": 0.25 + 0.75 * 0.5,
    exponential: 0.25 + 0.75 * (2 ** 0.75 - 1),
    geometric: 0.25 ** 0.25,
    inverse: 1 / (0.75 + 0.25 / 0.25),
  };
  for (const [shape, value] of Object.entries(expected)) close(at(shape, 0, 10, 40), [1, value, 0.25]);
  assert.throws(
    () => rates({ name: "wsd", lr: 1, warmup: "0%", stable: "0%", decay: "9%", decay_shape: "geometric" }),
    /min_ratio must be > 0 with decay_shape: geometric/,
  );
});

Deno.test("milestones on the run's clock under a warmup, and a ramp to the rate that it joins", () => {
  const then = { name: "multistep", lr: 0.1, milestones: ["6 steps", "20 steps"] };
  const spec = { name: "warmup", duration: "10 steps", then };
  close(rates(spec, 10, 16, 30), [0.1, 0.01, 0.001]);
  const run = { ...spec, clock: "run" };
  close(rates(run, 5, 10, 19, 20), [0.05, 0.01, 0.01, 0.001]);
  close(rates({ ...run, ramp_to: "joined" }, 5, 10), [0.005, 0.01]);
});

Deno.test("1/(1 + kt)^p meets Robbins and Monro's conditions for 1/2 < p <= 1", async () => {
  const { conditionsOf } = await import("#schedules/robbins_monro.ts");
  const of = (power: number) => {
    const found = conditionsOf({ name: "inverse_time", lr: 1, decay_rate: 1, power })!;
    return [found.sumDiverges, found.squaresConverge];
  };
  assert.deepEqual([of(0.5), of(0.75), of(1), of(1.5)], [
    [true, false],
    [true, true],
    [true, true],
    [false, true],
  ]);
});

Deno.test("rest is what the other lengths leave of the stretch, in a run of any length", () => {
  const then = { name: "cosine", lr: 0.1, T_max: "rest" };
  const plain = (spec: Record<string, unknown>, totalSteps: number) =>
    inSteps(spec as never, { totalSteps, stepsPerEpoch: 7 }) as Record<string, unknown>;
  for (const total of [40, 101, 999, 1005]) {
    const warm = plain({ name: "warmup", duration: "5%", then }, total) as never as {
      duration: string;
      then: { T_max: string };
    };
    assert.equal(parseInt(warm.duration) + parseInt(warm.then.T_max), total);
    const run = plain({ name: "warmup", duration: "5%", clock: "run", then }, total) as never as typeof warm;
    assert.equal(run.then.T_max, `${total} steps`);
    const wsd = plain({ name: "wsd", lr: 1, warmup: "5%", stable: "rest", decay: "20%" }, total);
    assert.equal(
      ["warmup", "stable", "decay"].reduce((sum, key) => sum + parseInt(String(wsd[key])), 0),
      total,
    );
    const parts = [{ for: "2 epochs", schedule: then }, { for: "rest", schedule: then }];
    const sequence = plain({ name: "sequence", parts }, total).parts as {
      for: string;
      schedule: typeof then;
    }[];
    assert.deepEqual(sequence.map((part) => part.for), ["14 steps", `${total - 14} steps`]);
    assert.deepEqual(sequence.map(({ schedule }) => schedule.T_max), ["14 steps", `${total - 14} steps`]);
    const repeated = plain({ name: "repeat", every: "2 epochs", of: then }, total).of as typeof then;
    assert.equal(repeated.T_max, "14 steps");
  }
  assert.throws(
    () => plain({ name: "wsd", lr: 1, warmup: "60%", stable: "50%", decay: "rest" }, 100),
    /decay must be at least 0 steps; it is "rest \(-10 steps/,
  );
});

Deno.test("durations in samples and tokens, with k, M and B", () => {
  const shape = { totalSteps: 1000, stepsPerEpoch: 100, samplesPerStep: 64, tokensPerStep: 2 ** 20 };
  const steps = (T_max: string, run = shape) =>
    (inSteps({ name: "cosine", lr: 0.1, T_max }, run) as Record<string, unknown>).T_max;
  assert.deepEqual(
    ["6400 samples", "6.4k samples", "1.024M samples", "1B tokens", "2k steps", "1.1k steps"].map((text) =>
      steps(text)
    ),
    ["100 steps", "100 steps", "16000 steps", "954 steps", "2000 steps", "1100 steps"],
  );
  assert.throws(
    () => steps("1B tokens", { totalSteps: 10, stepsPerEpoch: 1 } as never),
    /does not say how many are in a step; .*--tokens-per-step/,
  );
  const problem = (milestones: string[]) =>
    checkSchedule({ name: "multistep", lr: 0.1, milestones }, shape)[0]?.message;
  assert.equal(problem(["10k samples"]), undefined);
  assert.match(problem(["rest"])!, /must be a time in the run/);
});
