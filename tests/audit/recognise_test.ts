import assert from "node:assert/strict";
import { audit } from "#audit/audit.ts";
import { rateLog } from "#audit/log.ts";
import { recognise } from "#audit/recognise.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

const SHAPE = { totalSteps: 600, stepsPerEpoch: 20 };

function logOf(spec: ScheduleSpec, every = 1, written: (rate: number) => number = (rate) => rate) {
  const { lr } = buildSchedule(spec, SHAPE);
  const steps = Array.from({ length: SHAPE.totalSteps / every }, (_, k) => k * every);
  return rateLog(steps.map((step) => ({ step, rate: written(lr(step)) })));
}

const warmup = (then: ScheduleSpec) => ({ name: "warmup", duration: "60 steps", from: 0, then });

const SPECS: readonly ScheduleSpec[] = [
  { name: "constant", lr: 0.1 },
  { name: "step", lr: 0.1, step_size: "200 steps", gamma: 0.1 },
  { name: "multistep", lr: 0.1, milestones: ["300 steps", "450 steps"], gamma: 0.2 },
  { name: "exponential", lr: 0.1, gamma: 0.99, every: "1 step" },
  { name: "linear", lr: 0.1, end_lr: 0, duration: "600 steps" },
  { name: "polynomial", lr: 0.1, end_lr: 0, duration: "600 steps", power: 2 },
  { name: "cosine", lr: 0.1, eta_min: 0.001, T_max: "600 steps" },
  { name: "sgdr", lr: 0.1, eta_min: 0, T_0: "85 steps", T_mult: 2 },
  { name: "one_cycle", max_lr: 0.1, duration: "600 steps", cycle_momentum: false },
  { name: "cyclic", base_lr: 0.01, max_lr: 0.1, step_size_up: "75 steps", cycle_momentum: false },
  { name: "inverse_sqrt", lr: 0.001, warmup: "60 steps" },
  { name: "noam", d_model: 512, warmup: "60 steps" },
  { name: "wsd", lr: 0.1, warmup: "60 steps", stable: "420 steps", decay: "120 steps" },
  warmup({ name: "linear", lr: 0.1, end_lr: 0, duration: "540 steps" }),
  warmup({ name: "cosine", lr: 0.1, eta_min: 0, T_max: "540 steps" }),
];

for (const spec of SPECS) {
  const name = spec.name === "warmup" ? `warmup + ${(spec.then as ScheduleSpec).name}` : spec.name;
  Deno.test(`${name} is recognised with its parameters, at every step and every 10, in single precision and rounded`, () => {
    const { lr } = buildSchedule(spec, SHAPE);
    for (const every of [1, 10]) {
      for (
        const written of [(rate: number) => rate, Math.fround, (rate: number) => Number(rate.toPrecision(6))]
      ) {
        const found = recognise(logOf(spec, every, written), null);
        assert.ok(found?.spec, `${name} every ${every}`);
        const again = buildSchedule(found.spec, SHAPE).lr;
        for (let t = 0; t < SHAPE.totalSteps; t++) {
          assert.ok(
            Math.abs(again(t) - lr(t)) <= 2e-4 * Math.max(lr(t), 0.001),
            `${name} every ${every}, step ${t}`,
          );
        }
      }
    }
  });
}

Deno.test("a schedule that moves once an epoch is recognised on that clock", () => {
  const spec = { name: "cosine", lr: 0.1, eta_min: 0.001, T_max: "30 epochs", update: "epoch" };
  const found = recognise(logOf(spec, 5), 20)!;
  assert.deepEqual([found.family, found.held, found.end], ["cosine, once an epoch", 20, 600]);
});

Deno.test("noise is not recognised, and gives no defect", () => {
  const log = rateLog(
    Array.from({ length: 60 }, (_, t) => ({ step: t, rate: 0.1 + 0.05 * Math.sin(t * t) })),
  );
  const { verdict, defects, why } = audit(log, { plan: null, total: 60, stepsPerEpoch: 10, metric: null });
  assert.deepEqual([verdict, defects], ["open", []]);
  assert.match(why, /No schedule is recognised/);
});
