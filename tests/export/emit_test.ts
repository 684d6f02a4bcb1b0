import assert from "node:assert/strict";
import { emitSchedule } from "#export/emit.ts";
import { type Framework, FRAMEWORKS } from "#schedules/frameworks/exports.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { KINDS, SHAPE } from "../support/emitted_cases.ts";
import { compareRates, jobOf, runSnippets, type SnippetCase as Case } from "../support/snippets.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import golden from "../golden/pytorch_schedules.json" with { type: "json" };

const GOLDEN: readonly Case[] = [
  ...golden.configurations.map(({ spec, total_steps, steps_per_epoch }) => ({
    spec: spec as ScheduleSpec,
    shape: { totalSteps: total_steps, stepsPerEpoch: steps_per_epoch },
  })),
  // The kinds of schedules are all among KINDS; these differ in their numbers, and have a thousand steps each.
].filter((_, index) => LONG || index % 4 === 0);

Deno.test(
  "emitted snippets give the same rates when they are run",
  await requires("python3-torch"),
  async (t) => {
    const jobs = FRAMEWORKS.flatMap((framework) =>
      (framework === "pytorch" ? [...KINDS, ...GOLDEN] : KINDS).map((one) => jobOf(one, framework))
    );
    const answers = await runSnippets(jobs);
    for (const framework of FRAMEWORKS) {
      await t.step(`${framework}`, () => {
        jobs.forEach((job, index) => {
          if (job.framework === framework) compareRates(job, answers[index]!);
        });
      });
    }
  },
);

Deno.test("a framework's own class is used where it expresses the schedule, a formula with a reason where not", () => {
  const emitted = (spec: Record<string, unknown>, framework: Framework) =>
    emitSchedule(spec as never, SHAPE, framework);
  const whole = { name: "cosine", lr: 0.1, T_max: "100%" };
  assert.match(emitted(whole, "pytorch"), /CosineAnnealingLR\(optimizer, T_max=120, eta_min=0\.0\)/);
  assert.match(
    emitted({ ...whole, T_max: "50%" }, "pytorch"),
    /# CosineAnnealingLR rises again past T_max, so/,
  );
  const restarts = { name: "sgdr", lr: 0.1, T_0: "10 steps", T_mult: 1.5 };
  assert.match(emitted(restarts, "pytorch"), /# CosineAnnealingWarmRestarts takes whole T_mult only, so/);
  assert.match(
    emitted({ ...restarts, T_mult: 2 }, "pytorch"),
    /CosineAnnealingWarmRestarts\(optimizer, T_0=10, T_mult=2/,
  );
  assert.match(
    emitted(restarts, "optax"),
    /join_schedules\(\[\n(.*cosine_decay_schedule.*\n)+\], boundaries=\[10, 25, 48, 81\]\)/,
  );
  const milestones = { name: "multistep", lr: 0.1, milestones: ["3 epochs"] };
  assert.match(emitted(milestones, "keras"), /PiecewiseConstantDecay\(boundaries=\[35\]/);
  assert.match(emitted(milestones, "pytorch"), /MultiStepLR\(optimizer, milestones=\[36\]/);
  const warm = { name: "warmup", duration: "10%", then: { name: "cosine", lr: 0.1, T_max: "90%" } };
  assert.match(
    emitted(warm, "transformers"),
    /get_cosine_schedule_with_warmup\(optimizer, num_warmup_steps=12, num_training_steps=120\)/,
  );
  assert.match(
    emitted(warm, "keras"),
    /CosineDecay\(initial_learning_rate=0\.0, decay_steps=108, .*warmup_steps=12\)/,
  );
  assert.match(
    emitted({ ...whole, T_max: "10 epochs", update: "epoch" }, "pytorch"),
    /T_max=10, .*\n# after each epoch/,
  );
});

Deno.test("a plateau is emitted with each framework's own counts, and refused where the threshold differs", () => {
  const spec = { name: "plateau", lr: 0.1, patience: 3, cooldown: 2, threshold_mode: "abs" };
  const emitted = (framework: Framework) => emitSchedule(spec, SHAPE, framework);
  assert.match(
    emitted("pytorch"),
    /ReduceLROnPlateau\(optimizer, mode="min", factor=0.1, patience=3, .*cooldown=2/,
  );
  assert.match(emitted("keras"), /ReduceLROnPlateau\(monitor="val_loss", .*patience=4, .*cooldown=3/);
  assert.match(emitted("optax"), /reduce_on_plateau\(factor=0.1, patience=4, .*cooldown=2/);
  assert.throws(
    () => emitSchedule({ ...spec, threshold_mode: "rel" }, SHAPE, "keras"),
    /use threshold_mode: abs/,
  );
  const warm = { name: "warmup", duration: "5%", then: spec };
  assert.throws(
    () => emitSchedule(warm, SHAPE, "keras"),
    /Cannot emit warmup for keras: its rates depend on evaluations/,
  );
});
