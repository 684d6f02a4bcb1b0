import assert from "node:assert/strict";
import fc from "fast-check";
import { emitSchedule } from "#export/emit.ts";
import type { ObservingLibrary } from "#export/feedback.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { requires } from "../support/requires.ts";
import { runTorch } from "../support/torch.ts";

const SHAPE = { totalSteps: 120, stepsPerEpoch: 12 };
const LIBRARIES: readonly ObservingLibrary[] = ["pytorch", "transformers", "lightning"];
const PLATEAU = { name: "plateau", lr: 0.1, patience: 1, factor: 0.5 };
const COSINE = { name: "cosine", lr: 0.1, T_max: "100%" };
const RAMP = { name: "warmup", duration: "10%", then: { name: "constant", lr: 1 } };

const SPECS: readonly ScheduleSpec[] = [
  { name: "warmup", duration: "10%", then: PLATEAU },
  {
    name: "warmup",
    duration: "10%",
    shape: "cosine",
    from: 0.01,
    then: { ...PLATEAU, cooldown: 2, min_lr: 0.01 },
  },
  { name: "warmup", duration: "10%", then: { name: "plateau", patience: 0, scales: COSINE } },
  { name: "warmup", duration: "10%", clock: "run", then: { ...PLATEAU, lr: null, scales: COSINE } },
  { name: "product", of: [RAMP, PLATEAU] },
  {
    name: "warmup",
    duration: "10%",
    then: { name: "greedy", lr: 0.1, patience: 0, factor: 0.7, cooldown: 1 },
  },
  { name: "greedy", lr: 0.1, patience: 0, factor: 0.3, min_lr: 0.05, reset_start: 3, warmup: 1 },
  { name: "greedy", lr: 0.1, patience: 0, factor: 0.7, smooth: true, window_size: 3 },
  { name: "scale", by: 2, of: { ...PLATEAU, mode: "max", threshold: 0.1 } },
  { name: "max", of: [PLATEAU, { name: "constant", lr: 0.02 }] },
  {
    name: "sequence",
    parts: [
      { for: "20%", schedule: RAMP },
      { for: "50%", schedule: { ...PLATEAU, threshold_mode: "abs", threshold: 0.2 } },
      { for: "30%", schedule: { name: "linear", lr: 0.01, duration: "30%" } },
    ],
  },
  { name: "warmup", duration: "10%", then: { ...PLATEAU, scales: { ...COSINE, update: "epoch" } } },
];

/** Metrics that fall, stay, rise and are negative, by the number of steps done. */
const metricsOf = (seed: number): Record<string, number> =>
  Object.fromEntries(
    fc.sample(fc.tuple(fc.integer({ min: 1, max: 119 }), fc.double({ min: -1, max: 2, noNaN: true })), {
      seed,
      numRuns: 40,
    }),
  );

function ratesHere(spec: ScheduleSpec, metrics: Readonly<Record<string, number>>): number[] {
  const feedback = buildSchedule(spec, SHAPE).feedback!;
  let state = feedback.init();
  return Array.from({ length: SHAPE.totalSteps }, (_, step) => {
    const metric = metrics[step];
    if (metric !== undefined) state = feedback.observe(state, { step, loss: metric, metric });
    return feedback.at(state, step);
  });
}

Deno.test(
  "one scheduler for warmup and plateau: the rates of the lab in PyTorch, interrupted and resumed",
  await requires("python3-torch"),
  async () => {
    const jobs = LIBRARIES.flatMap((library) =>
      // A greedy schedule alone is transformers' own class there, which zoo_golden_test.ts compares.
      SPECS.filter(({ name }) => library !== "transformers" || name !== "greedy").map((spec, index) => ({
        spec,
        sent: {
          library,
          code: emitSchedule(spec, SHAPE, library),
          total: SHAPE.totalSteps,
          metrics: metricsOf(index + 1),
          resume: [5, 41],
        },
      }))
    );
    const printed = await runTorch("run_feedback.py", jobs.map(({ sent }) => sent));
    const answers = JSON.parse(printed) as { lr: number[]; error: string | null }[];
    jobs.forEach(({ spec, sent }, index) => {
      const { lr, error } = answers[index]!;
      assert.equal(error, null, `${error}\n${sent.code}`);
      const ours = ratesHere(spec, sent.metrics);
      assert.ok(new Set(ours).size > 2, "the metrics reduce nothing");
      ours.forEach((rate, step) => {
        const allowed = 1e-12 * Math.abs(rate) + 1e-17;
        assert.ok(
          Math.abs(rate - lr[step]!) <= allowed,
          `step ${step}: ${rate} here, ${lr[step]} there\n${sent.code}`,
        );
      });
    });
  },
);

Deno.test("what takes evaluations is emitted for libraries with objects as schedulers, once", () => {
  const [warm] = SPECS;
  assert.match(emitSchedule(warm!, SHAPE, "pytorch"), /class WarmupLR\(LambdaLR\)/);
  assert.match(
    emitSchedule(warm!, SHAPE, "transformers"),
    /optimizers=\(optimizer, scheduler\), callbacks=\[Evaluations\(\)\]/,
  );
  assert.throws(() => emitSchedule(warm!, SHAPE, "optax"), /its rates depend on evaluations/);
  const two = { name: "max", of: [PLATEAU, { ...PLATEAU, lr: 0.2 }] };
  assert.throws(() => emitSchedule(two, SHAPE, "pytorch"), /2 of its parts depend on evaluations/);
  const adaptive = { name: "adaptive_sgdr", lr: 0.1, T_0: "1 epoch" };
  assert.throws(() => emitSchedule(adaptive, SHAPE, "pytorch"), /adaptive_sgdr/);
});
