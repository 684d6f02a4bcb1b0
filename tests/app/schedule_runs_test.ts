import assert from "node:assert/strict";
import { parseSpec } from "#spec/parse.ts";
import { NO_FILES, planArms } from "#spec/plan.ts";
import { scheduleHorizon } from "#spec/run_plan.ts";
import { scheduleLength } from "#schedules/length.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { run } from "../support/command.ts";

const SPEC = [
  "name: runs",
  "dataset: { name: shapes, train: 1000 }",
  "model: cnn-small",
  "optimizer: { name: adam, clip_norm: 1 }",
  "batch_size: 64",
  "duration: 3 epochs",
  "seeds: [1, 2]",
  "arms:",
  "  - { name: plain, schedule: { name: cosine, lr: 0.1, T_max: 100% } }",
  "  - { name: batch, batch_size: 128, schedule: { name: cosine, lr: 0.1, T_max: 100% } }",
  "  - { name: accumulated, accumulate: 4, schedule: { name: cosine, lr: 0.1, T_max: 100% } }",
  "  - { name: long, duration: 200%, schedule: { name: cosine, lr: 0.1, T_max: 100% } }",
  "  - { name: sgd, optimizer: { name: sgd }, schedule: { name: constant, lr: 0.1 } }",
  "  - { name: appended, from: plain, duration: 5 epochs, schedule: { name: cosine, lr: 0.1, T_max: 100% } }",
  "  - { name: kept, from: plain, clock: keep, duration: 5 epochs, schedule: { name: cosine, lr: 0.1, T_max: 100% } }",
  "  - { name: stretched, from: plain, clock: stretch, duration: 5 epochs, schedule: { name: cosine, lr: 0.1, T_max: 100% } }",
].join("\n");

interface Shown {
  readonly name: string;
  readonly lr: readonly number[];
  readonly first_step: number;
  readonly total_steps: number;
  readonly steps_per_epoch: number;
}

Deno.test("schedule --file shows each arm in the run that train plans for it", async () => {
  const { out } = await run(["schedule", "--file", "runs.yaml", "--format", "json"], { "runs.yaml": SPEC });
  const shown: Shown[] = JSON.parse(out).schedules;
  const vocabulary = { datasets: ["shapes"], models: ["cnn-small"] };
  const spec = parseSpec(SPEC, { file: "runs.yaml", profile: null, overrides: {} }, vocabulary);
  const plans = planArms(spec, 1000, new Map(), NO_FILES);
  for (const arm of shown) {
    const plan = plans.find((plan) => plan.arm === arm.name)!;
    assert.equal(arm.total_steps, plan.total_steps, arm.name);
    assert.equal(arm.first_step, plan.first_step ?? 0, arm.name);
    assert.equal(arm.steps_per_epoch, plan.steps_per_epoch, arm.name);
    assert.equal(arm.lr.length, plan.total_steps - (plan.first_step ?? 0), arm.name);
    assert.ok(scheduleHorizon(plan).shape.totalSteps > 0);
  }
  const by = Object.fromEntries(shown.map((arm) => [arm.name, arm]));
  // 1000 images in batches of 64 are 16 steps, the last one smaller.
  assert.deepEqual([by.plain!.total_steps, by.plain!.steps_per_epoch], [48, 16]);
  assert.equal(by.batch!.steps_per_epoch, 8);
  assert.equal(by.accumulated!.steps_per_epoch, 4);
  assert.equal(by.long!.total_steps, 96);
  assert.deepEqual([by.appended!.first_step, by.appended!.total_steps], [48, 80]);
  // Appended: the schedule once more; kept: past its end; stretched: 48 of 80 steps on.
  assert.equal(by.appended!.lr[0], 0.1);
  assert.equal(by.kept!.lr[0], 0);
  assert.ok(Math.abs(by.stretched!.lr[0]! - 0.05 * (1 + Math.cos(0.6 * Math.PI))) < 1e-12);
});

Deno.test("an optimizer that emitted code does not make is refused, with the package that has it", async () => {
  const text = SPEC.replace("name: adam, clip_norm: 1", "name: prodigy");
  const { code, err } = await run(["schedule", "--file", "one.yaml", "--emit", "pytorch"], {
    "one.yaml": text,
  });
  assert.equal(code, 2);
  assert.match(
    err,
    /emitted code makes sgd, adam, adamw, rmsprop, not prodigy\. That is prodigyopt\.Prodigy/,
  );
});

Deno.test("--check knows each arm's own optimizer, and --emit each arm's own run", async () => {
  const files = { "runs.yaml": SPEC };
  const { out } = await run(["schedule", "--file", "runs.yaml", "--check", "--format", "json"], files);
  const checked: { name: string; findings: { code: string }[] }[] = JSON.parse(out).schedules;
  const codes = (name: string) => checked.find((one) => one.name === name)!.findings.map(({ code }) => code);
  assert.ok(codes("plain").includes("rate-for-optimizer"));
  assert.ok(!codes("sgd").includes("rate-for-optimizer"));
  const emitted = (await run(["schedule", "--file", "runs.yaml", "--emit", "pytorch"], files)).out;
  assert.match(
    emitted,
    /--- batch[\s\S]*T_max=24[\s\S]*--- accumulated[\s\S]*T_max=12[\s\S]*--- long[\s\S]*T_max=96/,
  );
});

Deno.test("--check takes when evaluations come, when the run is expected to stop, and how batches make a step", async () => {
  const check = async (spec: ScheduleSpec, ...more: string[]) => {
    const args = ["--spec", JSON.stringify(spec), "--steps", "1000", "--check", "--format", "json", ...more];
    return JSON.parse((await run(["schedule", ...args])).out).findings as {
      code: string;
      why: string;
      suggestion: string;
    }[];
  };
  const cosine = { name: "cosine", lr: 0.1, T_max: "100%" };
  const early = await check(cosine, "--stops-at", "300");
  assert.match(early.find(({ code }) => code === "decay-not-reached")!.suggestion, /^duration: 3 epochs/);
  const rare = await check({ name: "plateau", lr: 0.1, patience: 3 }, "--eval-every", "500");
  assert.ok(rare.some(({ code }) => code === "drop-after-end"));
  const batches = await check({ ...cosine, T_max: "4000 steps" }, "--accumulate", "4");
  assert.match(batches[0]!.why, /accumulate is 4/);
  assert.equal((await run(["schedule", "--preset", "bert", "--stops-at", "5"])).code, 2);
});

Deno.test("a spec that train refuses is refused with its place; profiles are merged; --steps goes before", async () => {
  const wrong = SPEC.replace("batch_size: 64", "batch_size: 0");
  const refused = await run(["schedule", "--file", "w.yaml"], { "w.yaml": wrong });
  assert.equal(refused.code, 2);
  assert.match(refused.err, /w\.yaml:5:\d+: batch_size/);
  const quick = `${SPEC}\nprofiles: { quick: { duration: 1 epoch } }\n`;
  const args = ["schedule", "--file", "q.yaml", "--format", "json"];
  const shown = JSON.parse(
    (await run([...args, "--profile", "quick"], { "q.yaml": quick.replaceAll("5 epochs", "4 epochs") })).out,
  );
  assert.equal(shown.schedules[0].total_steps, 16);
  const asked = JSON.parse((await run([...args, "--steps", "20"], { "q.yaml": SPEC })).out);
  assert.deepEqual([asked.total_steps, asked.steps_per_epoch], [20, 16]);
});

Deno.test("without --steps a run is as long as what follows one another: the sum of nested lengths", async () => {
  const warmup = {
    name: "warmup",
    duration: "10000 steps",
    then: { name: "cosine", lr: 0.1, T_max: "90000 steps" },
  };
  const cases: [ScheduleSpec, number][] = [
    [warmup, 100_000],
    [{ name: "wsd", lr: 0.1, warmup: "1000 steps", stable: "7000 steps", decay: "2000 steps" }, 10_000],
    [{
      name: "sequence",
      parts: [
        { for: "20 epochs", schedule: { name: "constant", lr: 0.1 } },
        { for: "10 epochs", schedule: { name: "linear", lr: 0.1, duration: "30 epochs" } },
      ],
    }, 5000],
    [{ name: "warmup", duration: "10%", then: { name: "cosine", lr: 0.1, T_max: "9000 steps" } }, 10_000],
    [{ name: "cyclic", base_lr: 0.01, max_lr: 0.1, step_size_up: "15 epochs" }, 1500],
    [{ name: "cosine", lr: 0.1, T_max: "100%" }, 0],
    [{ name: "max", of: [warmup, { name: "constant", lr: 0.01 }] }, 100_000],
  ];
  for (const [spec, length] of cases) {
    assert.equal(scheduleLength(spec, { stepsPerEpoch: 100 }), length, spec.name);
  }
  const { out } = await run(["schedule", "--spec", JSON.stringify(warmup), "--check", "--format", "json"]);
  assert.deepEqual(
    JSON.parse(out).findings.filter(({ severity }: { severity: string }) => severity === "warning"),
    [],
  );
});

Deno.test("a billion steps are checked and emitted at once, and not drawn, with the reason", async () => {
  const spec = '{"name": "sgdr", "lr": 0.1, "T_0": "1 epoch", "T_mult": 1}';
  const long = ["--spec", spec, "--steps", "1000000000"];
  const started = performance.now();
  assert.equal((await run(["schedule", ...long, "--check"])).code, 0);
  assert.equal((await run(["schedule", ...long, "--emit", "pytorch"])).code, 0);
  const zero = '{"name": "scale", "by": 0, "of": {"name": "constant", "lr": 1}}';
  assert.equal((await run(["schedule", "--spec", zero, "--steps", "1000000000", "--check"])).code, 0);
  assert.ok(performance.now() - started < 60_000, `${performance.now() - started} ms`);
  const drawn = await run(["schedule", ...long]);
  assert.equal(drawn.code, 2);
  assert.match(drawn.err, /Cannot show 1,000,000,000 steps, at most 10,000,000/);
});
