import assert from "node:assert/strict";
import { buildSchedule } from "#schedules/registry.ts";
import { customModules } from "#schedules/custom.ts";
import type { CustomModule } from "#schedules/entry.ts";
import { sgdr } from "#schedules/sgdr/formula.ts";

const SHAPE = { totalSteps: 100, stepsPerEpoch: 10 };
const build = (spec: Record<string, unknown>) => buildSchedule(spec as never, SHAPE);
const rates = (spec: Record<string, unknown>, ...steps: number[]) => steps.map(build(spec).lr);
const close = (ours: number[], expected: number[]) =>
  ours.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]!) <= 1e-12, `${ours} is not ${expected}`)
  );

Deno.test("the three shapes of a warmup, from an origin and without a zero first rate", () => {
  const then = { name: "constant", lr: 0.1 };
  close(rates({ name: "warmup", duration: "4 steps", then }, 0, 1, 4), [0, 0.025, 0.1]);
  close(rates({ name: "warmup", duration: "4 steps", skip_zero: true, then }, 0, 3, 4), [0.02, 0.08, 0.1]);
  close(rates({ name: "warmup", duration: "2 steps", shape: "exponential", from: 0.001, then }, 0, 1, 2), [
    0.001,
    0.01,
    0.1,
  ]);
  close(rates({ name: "warmup", duration: "2 steps", shape: "cosine", from: 0.02, then }, 0, 1, 2), [
    0.02,
    0.06,
    0.1,
  ]);
  close(rates({ name: "warmup", duration: "0 steps", then }, 0, 1), [0.1, 0.1]);
});

Deno.test("Keras' cycling polynomial: 0 at each multiple of T, then up to less", () => {
  const spec = { name: "polynomial", lr: 1, duration: "10 steps", cycle: true };
  close(rates(spec, 0, 10, 11, 20, 21, 30), [1, 0, 1 - 11 / 20, 0, 1 - 21 / 30, 0]);
});

Deno.test("aggressive restart: 5e-5 × 4 goes from 2e-4 to 5e-8 in every epoch", () => {
  const { lr, cycles } = build({ name: "aggressive_restart", lr: 5e-5, multiplier: 4 });
  close([lr(0), lr(10), lr(990)], [2e-4, 2e-4, 2e-4]);
  close([lr(9), lr(19)], [5e-8, 5e-8]);
  assert.deepEqual([cycles!(9).isLast, cycles!(10).isRestart, cycles!(10).cycle], [true, true, 1]);
});

Deno.test("sgdr: decay of both ends, and a limit after which the last minimum stays", () => {
  const { lr, cycles } = sgdr({
    lr: 0.1,
    eta_min: 0.01,
    T_0: 10,
    lr_decay: 0.5,
    cycle_limit: 2,
    inclusive_end: true,
  });
  close([lr(0), lr(9), lr(10), lr(19), lr(20), lr(1e6)], [0.1, 0.01, 0.05, 0.005, 0.005, 0.005]);
  assert.deepEqual(cycles(25), { cycle: 1, position: 15, length: 10, isRestart: false, isLast: false });
});

for (const T_mult of [1, 1.1, 1.5, 2, 3, 2.7]) {
  Deno.test(`sgdr with T_mult ${T_mult}: every restart is at its summed boundary`, () => {
    for (const T_0 of [1, 7, 10, 100]) {
      const { cycles, lr } = sgdr({ lr: 0.1, eta_min: 0.001, T_0, T_mult });
      for (let k = 1, start = 0; k < 200 && start < 1e9; k++) {
        const last = start +
          (T_mult === 1 ? T_0 : Math.round(T_0 * (T_mult ** k - 1) / (T_mult - 1)) - start);
        assert.deepEqual([cycles(last).cycle, cycles(last).isRestart, cycles(last - 1).isLast], [
          k,
          true,
          true,
        ]);
        assert.equal(lr(last), 0.1);
        start = last;
      }
    }
  });
}

Deno.test("sgdr with T_mult next to 1 has the boundaries of T_mult 1", () => {
  const starts = (T_mult: number) => {
    const { cycles } = sgdr({ lr: 0.1, T_0: 7, T_mult });
    return Array.from({ length: 2000 }, (_, t) => t).filter((t) => cycles(t).isRestart);
  };
  for (const T_mult of [1 + 2 ** -52, 1 + 1e-14, 1 + 1e-9]) assert.deepEqual(starts(T_mult), starts(1));
});

Deno.test("cycles shift under a warmup, whose ramp belongs to cycle 0, and are counted through a sequence", () => {
  const restarts = { name: "sgdr", lr: 0.1, T_0: "10 steps" };
  const warm = build({ name: "warmup", duration: "5 steps", then: restarts }).cycles!;
  assert.deepEqual(warm(3), { cycle: 0, position: 3, length: 15, isRestart: false, isLast: false });
  assert.deepEqual([warm(14).isLast, warm(15).isRestart, warm(5).isRestart], [true, true, false]);
  const parts = [{ for: "25 steps", schedule: restarts }, { for: "1 step", schedule: restarts }];
  const joined = build({ name: "sequence", parts }).cycles!;
  assert.deepEqual(joined(24), { cycle: 2, position: 4, length: 5, isRestart: false, isLast: true });
  assert.deepEqual([joined(25).cycle, joined(25).isRestart, joined(35).cycle], [3, true, 4]);
});

Deno.test("momentum through a sequence: parts without it hold what the part before them ended with", () => {
  const one = { name: "one_cycle", max_lr: 0.1, duration: "10 steps" };
  const constant = { name: "constant", lr: 0.1 };
  const parts = [constant, one, constant].map((schedule) => ({ for: "10 steps", schedule }));
  const { momentum } = build({ name: "sequence", parts });
  close([momentum!(3), momentum!(12), momentum!(19), momentum!(25)], [0.95, 0.85, 0.95, 0.95]);
  assert.equal(build({ name: "warmup", duration: "5 steps", then: one }).momentum!(2), 0.95);
});

Deno.test("scale, max and min of plain schedules", () => {
  const linear = { name: "linear", lr: 0.1, duration: "10 steps" };
  close(rates({ name: "scale", by: 3, of: linear }, 0, 5, 10), [0.3, 0.15, 0]);
  close(rates({ name: "max", of: [linear, { name: "constant", lr: 0.02 }] }, 0, 9, 50), [0.1, 0.02, 0.02]);
  close(rates({ name: "min", of: [linear, { name: "constant", lr: 0.02 }] }, 0, 9, 50), [0.02, 0.01, 0]);
  close(rates({ name: "repeat", every: "4 steps", of: linear }, 3, 4, 9), [0.07, 0.1, 0.09]);
});

Deno.test("a plateau after a warmup sees no evaluation of the ramp, and its state survives JSON", () => {
  const { feedback } = build({
    name: "warmup",
    duration: "10 steps",
    then: {
      name: "plateau",
      lr: 0.1,
      patience: 0,
      scales: { name: "linear", lr: 0.1, duration: "40 steps" },
    },
  });
  let state = feedback!.init();
  const see = (step: number, metric: number) =>
    state = JSON.parse(JSON.stringify(feedback!.observe(state, { step, loss: metric, metric })));
  for (const step of [2, 4, 6]) see(step, 9);
  close([feedback!.at(state, 5), feedback!.at(state, 10)], [0.05, 0.1]);
  see(12, 1);
  see(20, 1);
  // One reduction by 0.1 of what the line has at its own step 10.
  close([feedback!.at(state, 20)], [0.0075]);
});

Deno.test("adaptive sgdr: two evaluations without improvement stretch the rest of the cycle without a jump", () => {
  const { feedback, lr } = build({ name: "adaptive_sgdr", lr: 0.1, T_0: "20 steps", T_mult: 2 });
  let state = feedback!.init();
  const see = (step: number, metric: number) =>
    state = JSON.parse(JSON.stringify(feedback!.observe(state, { step, loss: metric, metric })));
  see(4, 1);
  see(6, 1.1);
  assert.equal(feedback!.at(state, 8), lr(8));
  const before = feedback!.at(state, 8);
  see(8, NaN);
  assert.ok(Math.abs(feedback!.at(state, 8) - before) < 1e-15);
  assert.ok(feedback!.at(state, 19) > lr(19));
  // 20 × 1.5 = 30, so the restart moves there, and the next cycle has 60.
  assert.deepEqual(feedback!.cycles!(state, 30), {
    cycle: 1,
    position: 0,
    length: 60,
    isRestart: true,
    isLast: false,
  });
  assert.equal(feedback!.at(state, 30), 0.1);
});

Deno.test("cycles that depend on evaluations reach through what wraps them", () => {
  const adaptive = { name: "adaptive_sgdr", lr: 0.1, T_0: "20 steps", patience: 1 };
  const wrapped = build({
    name: "warmup",
    duration: "5 steps",
    then: { name: "scale", by: 2, of: adaptive },
  });
  const { feedback } = wrapped;
  assert.ok(wrapped.cycles!(25).isRestart);
  let state = feedback!.init();
  for (const metric of [1, 2]) state = feedback!.observe(state, { step: 10, loss: metric, metric });
  assert.deepEqual([feedback!.cycles!(state, 25).isRestart, feedback!.cycles!(state, 35).isRestart], [
    false,
    true,
  ]);
  assert.equal(feedback!.at(state, 35), 0.2);
  const perEpoch = build({ ...adaptive, update: "epoch" }).feedback!;
  assert.ok(perEpoch.cycles!(perEpoch.init(), 20).isRestart);
});

Deno.test("per epoch, a last cycle that ends within an epoch still has a length", () => {
  const spec = { name: "sgdr", lr: 0.1, T_0: "3 steps", T_mult: 2, cycle_limit: 2, update: "epoch" };
  const { cycles } = build(spec);
  assert.deepEqual(cycles!(9), { cycle: 0, position: 9, length: 10, isRestart: false, isLast: true });
  assert.deepEqual(cycles!(10), { cycle: 1, position: 0, length: 10, isRestart: true, isLast: false });
});

Deno.test("children that watch different metrics cannot be combined", () => {
  const of = ["validation_loss", "validation_accuracy"].map((metric) => ({
    name: "plateau",
    lr: 0.1,
    metric,
  }));
  assert.throws(
    () => build({ name: "max", of }),
    /watch different metrics \(validation_loss, validation_accuracy\)/,
  );
});

Deno.test("a custom module: a plain schedule, or parameters and a build; every rate is checked", () => {
  const using = (module: CustomModule, spec = {}) =>
    buildSchedule({ name: "custom", module: "./mine.ts", ...spec }, SHAPE, { custom: () => module });
  close([using({ schedule: (t) => 1 / (1 + t) }).lr(3)], [0.25]);
  close([using({ default: (t) => 1 / (2 + t) }).lr(2)], [0.25]);
  const module: CustomModule = {
    params: { half: { kind: "duration", doc: "time to halve", unit: "steps", range: { min: 1 } } },
    build: ({ half }) => (t) => 0.5 ** (t / Number(half)),
  };
  close([using(module, { half: "1 epoch" }).lr(20)], [0.25]);
  assert.throws(() => using(module, { halff: "1 epoch" }), /no parameter "halff"; did you mean "half"\?/);
  assert.throws(() => using({}), /export `schedule`/);
  assert.throws(
    () => using({ schedule: (t) => 1 - t }).lr(2),
    /rate of step 2 from \.\/mine\.ts: .* it is -1/,
  );
  assert.throws(
    () =>
      using({
        schedule: () => {
          throw new Error("boom");
        },
      }).lr(0),
    /rate of step 0 from \.\/mine\.ts: it fails with "boom"/,
  );
  // The digest is the lab's, none of the module's own parameters.
  close([using(module, { half: "1 epoch", digest: "abc" }).lr(20)], [0.25]);
  const nested = {
    name: "warmup",
    duration: "5%",
    then: { name: "custom", module: "./mine.ts", digest: "abc" },
  };
  assert.deepEqual(customModules(nested), [{ module: "./mine.ts", digest: "abc" }]);
  assert.deepEqual(customModules({ name: "custom", module: "./a.ts" }), [{ module: "./a.ts", digest: null }]);
});
