import assert from "node:assert/strict";
import { PRESETS } from "#advise/presets.ts";
import { emitSchedule } from "#export/emit.ts";
import { durationToSteps, parseDuration } from "#lib/duration.ts";
import { CATALOGUE } from "#schedules/entries.ts";
import { type Framework, FRAMEWORKS } from "#schedules/frameworks/exports.ts";
import type { OptimizerChoice } from "#schedules/frameworks/optimizer.ts";
import { requires } from "../support/requires.ts";
import { compareRates, jobOf, runSnippets } from "../support/snippets.ts";

const SHAPE = { totalSteps: 40, stepsPerEpoch: 10 };
const ADAMW: OptimizerChoice = { name: "adamw", betas: [0.9, 0.95], weight_decay: 0.1 };
const ONE_CYCLE = { name: "one_cycle", max_lr: 0.1, duration: "20 steps" };
const CYCLIC = { name: "cyclic", base_lr: 0.01, max_lr: 0.1, step_size_up: "8 steps" };
const emitted = (spec: Record<string, unknown>, framework: Framework, optimizer = ADAMW) =>
  emitSchedule(spec as never, SHAPE, framework, CATALOGUE, optimizer);

Deno.test("a cycled momentum is Adam's first beta, in every framework", () => {
  for (const spec of [ONE_CYCLE, CYCLIC]) {
    for (const framework of ["pytorch", "transformers", "lightning", "timm"] as const) {
      const code = emitted(spec, framework);
      assert.match(code, /group\["betas"\] = \(momentum\(.*\), group\["betas"\]\[1\]\)/);
      assert.doesNotMatch(code, /group\["momentum"\]/);
    }
    assert.match(emitted(spec, "keras"), /optimizer\.beta_1 = momentum\(t\)/);
    assert.match(
      emitted(spec, "optax"),
      /inject_hyperparams\(optax\.adamw\)\(learning_rate=schedule, b1=momentum, b2=0\.95, weight_decay=0\.1\)/,
    );
    assert.match(emitted(spec, "fastai"), /"mom": lambda pct: momentum/);
  }
});

Deno.test("weight decay is written as each framework means it", () => {
  const spec = { name: "constant", lr: 1 };
  const sgd: OptimizerChoice = { name: "sgd", momentum: 0.9, weight_decay: 1e-4 };
  assert.match(emitted(spec, "pytorch", sgd), /SGD\(.*lr=1\.0, momentum=0\.9, weight_decay=0\.0001\)/);
  assert.match(emitted(spec, "keras", sgd), /schedule = 1\.0\n# .*coupled.*L2\(0\.00005\)/);
  assert.match(
    emitted(spec, "optax", sgd),
    /optax\.chain\(optax\.add_decayed_weights\(0\.0001\), optax\.sgd\(learning_rate=schedule, momentum=0\.9\)\)/,
  );
  assert.match(
    emitted(spec, "keras"),
    /AdamW\(learning_rate=schedule, beta_1=0\.9, beta_2=0\.95, weight_decay=0\.1\)/,
  );
});

Deno.test("presets run with their own optimizers", await requires("python3-torch"), async () => {
  const jobs = PRESETS.flatMap(({ schedule, duration, optimizer }) => {
    const stepsPerEpoch = 3;
    const totalSteps = durationToSteps(parseDuration(duration), { totalSteps: 0, stepsPerEpoch });
    if (totalSteps > 5000) return []; // as long, and no other code
    const shape = { totalSteps, stepsPerEpoch };
    return FRAMEWORKS.map((framework) => ({
      ...jobOf({ spec: schedule, shape }, framework, optimizer),
      optimizer,
    }));
  });
  const answers = await runSnippets(jobs);
  jobs.forEach((job, index) => compareRates(job, answers[index]!, job.optimizer));
  for (const { code, optimizer } of jobs) {
    if (optimizer.name === "adamw") assert.doesNotMatch(code, /\bSGD\b/);
  }
});
