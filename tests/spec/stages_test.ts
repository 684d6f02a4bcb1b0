import assert from "node:assert/strict";
import { stringify } from "yaml";
import { baselineOf, comparedArms } from "#spec/lineage.ts";
import { parseSpec } from "#spec/parse.ts";
import { planArms } from "#spec/plan.ts";
import { epochsAtEnd, scheduleHorizon } from "#spec/run_plan.ts";
import type { Spec } from "#spec/schema.ts";

const PIPELINE = `name: pipeline
dataset: { name: shapes }
model: cnn-small
batch_size: 16
duration: 12 epochs
seeds: [1, 2]
arms:
  - name: whole
    stages:
      - name: first
        schedule: { name: cosine, lr: 0.1, T_max: 100% }
        duration: 5 epochs
      - { name: second, schedule: { name: constant, lr: 0.01 }, duration: 10 epochs, batch_size: 8 }
      - { name: last, schedule: { name: constant, lr: 0.001 } }
    averages: [{ kind: ema }]
  - { name: plain, schedule: { name: constant, lr: 0.1 } }
`;
const parse = (text: string): Spec =>
  parseSpec(text, { file: "spec.yaml", profile: null, overrides: {} }, {
    datasets: ["shapes"],
    models: ["cnn-small"],
  });
const plansOf = (spec: Spec) => planArms(spec, 64, new Map());

Deno.test("an arm in stages is a chain of arms, the last of which has its name and is compared", () => {
  const spec = parse(PIPELINE);
  assert.deepEqual(
    spec.arms.map(({ name, from, compare, averages }) => [name, from, compare, averages?.length]),
    [
      ["whole: first", undefined, false, 1],
      ["whole: second", "whole: first", false, 1],
      ["whole", "whole: second", undefined, 1],
      ["plain", undefined, undefined, undefined],
    ],
  );
  assert.deepEqual(comparedArms(spec).map(({ name }) => name), ["whole", "plain"]);
  assert.equal(baselineOf(spec), "whole");
  assert.deepEqual(parse(stringify(spec)), spec, "what is written into the folder is not the same spec");
});

Deno.test("stages count steps and epochs from the beginning, whatever their batches", () => {
  const plans = plansOf(parse(PIPELINE)).filter(({ seed }) => seed === 2);
  const of = (arm: string) => plans.find((plan) => plan.arm === arm)!;
  // 64 images: 4 steps an epoch, then 8, then 4 again.
  assert.deepEqual(
    ["whole: first", "whole: second", "whole", "plain"].map((arm) => [
      of(arm).first_step ?? 0,
      of(arm).total_steps,
      epochsAtEnd(of(arm)),
    ]),
    [[0, 20, 5], [20, 60, 10], [60, 68, 12], [0, 48, 12]],
  );
  const { start } = of("whole");
  assert.ok(start?.kind === "run" && start.plan.id === "whole-second-2" && start.plan.start?.kind === "run");
});

Deno.test("a sweep's paths name stages as they are written", () => {
  const over = (path: string) =>
    Object.keys(parse(`${PIPELINE}sweep: { over: { "${path}": [0.1, 0.2] } }\n`).sweep!.over);
  assert.deepEqual(over("arms[0].stages[1].schedule.lr"), ["arms[1].schedule.lr"]);
  assert.deepEqual(over("arms[0].schedule.lr"), ["arms[2].schedule.lr"]);
  assert.deepEqual(over("arms[1].schedule.lr"), ["arms[3].schedule.lr"]);
});

Deno.test("the schedule of an arm that goes on is its own, the old one's beyond its end, or stretched", () => {
  const clock = (word: string) => {
    const text = PIPELINE.replace(
      "  - { name: plain,",
      `  - { name: more, from: plain, duration: 18 epochs, ${word} schedule: { name: constant, lr: 0.1 } }\n  - { name: plain,`,
    );
    const { origin, shape } = scheduleHorizon(plansOf(parse(text)).find(({ arm }) => arm === "more")!);
    return [origin, shape.totalSteps];
  };
  assert.deepEqual(clock(""), [48, 24]);
  assert.deepEqual(clock("clock: append,"), [48, 24]);
  assert.deepEqual(clock("clock: keep,"), [0, 48]);
  assert.deepEqual(clock("clock: stretch,"), [0, 72]);
});

const REFUSED: [what: string, from: string, to: string, message: RegExp][] = [
  [
    "a length that does not grow",
    "duration: 10 epochs",
    "duration: 5 epochs",
    /spec\.yaml:13:\d+: arms\[0\]\.stages\[1\]\.duration: 5 epochs are counted from the beginning.* ends at 5 epochs/,
  ],
  [
    "a stage that does not say where it ends",
    ", duration: 10 epochs",
    "",
    /arms\[0\]\.stages\[1\]\.duration: expected where the stage ends/,
  ],
  [
    "a schedule of the arm beside its stages",
    "    averages: [",
    "    schedule: { name: constant, lr: 1 }\n    averages: [",
    /15:\d+: arms\[0\]\.schedule: an arm with stages cannot have this key/,
  ],
  ["two stages of one name", "name: second", "name: first", /arms\[0\]\.stages\[1\]\.name: expected a name/],
  [
    "no stage",
    PIPELINE.slice(PIPELINE.indexOf("    stages:"), PIPELINE.indexOf("    averages:")),
    "    stages: []\n",
    /arms\[0\]\.stages: expected a list/,
  ],
  [
    "a stage that names what it goes on from",
    "{ name: last,",
    "{ name: last, from: plain,",
    /arms\[0\]\.stages\[2\]\.from: a stage cannot have this key/,
  ],
  [
    "a stage with an unknown key",
    "{ name: last,",
    "{ name: last, epochs: 3,",
    /14:\d+: arms\[0\]\.stages\[2\]\.epochs: unknown key/,
  ],
  [
    "a stage with a wrong schedule",
    "lr: 0.001",
    "lr: -1",
    /14:\d+: arms\[0\]\.stages\[2\]\.schedule\.lr: .*-1/,
  ],
  [
    "stages that go on from themselves",
    "    averages: [",
    "    from: whole\n    averages: [",
    /arms\[0\]\.stages\[0\].*"whole: first" is its own ancestor/,
  ],
  [
    "a missing checkpoint or arm",
    "    averages: [",
    "    from: nowhere\n    averages: [",
    /arms\[0\]\.stages\[0\].*unknown arm "nowhere".*a path that ends in \.safetensors/,
  ],
  [
    "a part of an arm as the baseline",
    "seeds: [1, 2]",
    'seeds: [1, 2]\nbaseline: "whole: first"',
    /7:\d+: baseline: unknown "whole: first"; .*whole/,
  ],
  [
    "a clock without anything to go on from",
    "{ name: plain,",
    "{ name: plain, clock: keep,",
    /arms\[1\]\.clock: only an arm whose parent is another arm/,
  ],
];
for (const [what, from, to, message] of REFUSED) {
  Deno.test(`a spec with ${what} is refused with its place`, () => {
    assert.ok(PIPELINE.includes(from));
    assert.throws(() => parse(PIPELINE.replace(from, to)), { name: "SpecError", message });
  });
}

Deno.test("a stage that ends before what it goes on from, in another unit, is refused by name", () => {
  const spec = parse(PIPELINE.replace("duration: 10 epochs", "duration: 15 steps"));
  assert.throws(() => plansOf(spec), {
    name: "PlanError",
    message: /^Arm "whole: second": duration: 15 steps end at step 15, but its parent run has done 20/,
  });
});
