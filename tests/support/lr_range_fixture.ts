import { assemble } from "#study/lr_range_test/assemble.ts";
import { planChecks, planRamps, type RangeSetup } from "#study/lr_range_test/plan.ts";
import type { RangeTestResult } from "#results/lr_range.ts";
import { readRamps, rounded } from "#study/lr_range_test/suggest.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { TrainEvent } from "#train/events.ts";

const SETUP: RangeSetup = {
  dataset: { name: "shapes", train: 960, validation: 400, test: 10, augment: [] },
  model: "cnn-small",
  optimizer: { name: "sgd", momentum: 0.9, nesterov: false, weight_decay: 0, clip_norm: null },
  batch_size: 16,
};
const SMOOTHING = 0.9;
const STEPS = 120;

/**
 * What a range test might have told: each seed's loss falls around its own rate near 0.01 and explodes near 1; short
 * runs are best at 0.01. `explodes: false` ends the ramp before it, `seeds` are those that were run.
 */
export function rangeTestFixture(
  { name = "fixture", seeds = [1, 2, 3], explodes = true, stopped = false } = {},
): RangeTestResult {
  const ramp = { from: 1e-6, to: explodes ? 10 : 0.05, steps: STEPS, shape: "exponential" as const };
  const ramped = planRamps(SETUP, { ramp, smoothing: SMOOTHING }, seeds, 960).map((plan) =>
    ramped1(plan, stopped)
  );
  const request = { name, setup: SETUP, ramp, smoothing: SMOOTHING, checkSteps: 50, rule: "valley" as const };
  const reading = readRamps(ramped, request, 10);
  const checks = reading.chosen
    ? planChecks(SETUP, [1 / 3, 1, 3].map((ratio) => rounded(ratio * reading.chosen!.lr)), seeds, 50, 960)
    : [];
  const data = {
    name: "shapes",
    classes: Array.from({ length: 10 }, (_, index) => `class ${index}`),
    train: set(960),
    validation: set(400),
    test: set(10),
    digest: "d".repeat(64),
  };
  return assemble(request, {
    reading,
    checked: checks.map(checked1),
    complete: !stopped,
    data,
  }, {
    device: { backend: "wasm", name: "WASM", detail: "one thread", why: "" },
    provenance: {
      at: "2026-01-02T03:04:05.000Z",
      command: "deno task range-test --from 0.000001",
      spec_digest: "e".repeat(64),
      commit: null,
      versions: { lab: "0" },
      jobs: 2,
      wall_s: 61,
    },
  });
}

const set = (count: number) => ({ images: new Uint8Array(), labels: new Uint8Array(), count });

function ramped1(plan: RunPlan, stopped: boolean): RunRecord {
  const { lr } = buildSchedule(plan.schedule, { totalSteps: STEPS, stepsPerEpoch: plan.steps_per_epoch });
  const centre = 0.01 * 1.5 ** (plan.seed % 3);
  const events: TrainEvent[] = [];
  let ended: TrainEvent = { kind: "ended", step: STEPS, reason: "budget", detail: null, ms_per_step: 2 };
  for (let step = 0; step < STEPS; step++) {
    const rate = lr(step);
    const loss = 2.3 - 1.6 / (1 + centre / rate) + (rate / (60 * centre)) ** 4 +
      0.05 * Math.sin(7 * step + plan.seed);
    events.push({ kind: "step", step, lr: rate, momentum: 0.9, loss });
    if (loss > 12) {
      const detail = `The smoothed loss rose beyond 4 times its lowest value at step ${step}`;
      ended = { kind: "ended", step: step + 1, reason: "diverged", detail, ms_per_step: 2 };
      break;
    }
    if (stopped && step === 30) {
      ended = { kind: "ended", step: 31, reason: "stopped", detail: "Stopped on request", ms_per_step: 2 };
      break;
    }
  }
  return { plan, provenance: {} as never, events: [...events, ended] };
}

function checked1(plan: RunPlan): RunRecord {
  const lr = plan.schedule["lr"] as number;
  const accuracy = 0.7 - 0.2 * Math.abs(Math.log10(lr / 0.01)) + 0.002 * (plan.seed % 3) * (1 + lr);
  return {
    plan,
    provenance: {} as never,
    events: [
      { kind: "eval", step: 50, epoch: 1, split: "validation", loss: 1, accuracy },
      { kind: "ended", step: 50, reason: "budget", detail: null, ms_per_step: 2 },
    ],
  };
}
