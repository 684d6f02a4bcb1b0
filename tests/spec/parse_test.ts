import assert from "node:assert/strict";
import fc from "fast-check";
import { durationToSteps, parseDuration } from "#lib/duration.ts";
import { stringify } from "yaml";
import { parseSpec, SpecError } from "#spec/parse.ts";
import { printPath, readPath, setIn } from "#spec/path.ts";
import { planArms, runKey } from "#spec/plan.ts";
import { scheduleHorizon } from "#spec/run_plan.ts";
import type { Spec } from "#spec/schema.ts";

const VOCABULARY = { datasets: ["shapes", "cifar-10"], models: ["cnn-small", "cnn"] };
const SOURCE = { file: "spec.yaml", profile: null, overrides: {} };

const GOOD = `name: a test
dataset: { name: shapes, train: 640 }
model: cnn-small
batch_size: 32
duration: 3 epochs
seeds: [1, 2]
arms:
  - name: constant
    schedule: { name: constant, lr: 0.05 }
  - name: drops
    schedule: { name: multistep, lr: 0.05, milestones: [50%, 75%], gamma: 0.1 }
profiles:
  long: { duration: 30 epochs, dataset: { train: 6400 } }
`;

const parse = (text: string, source: Partial<typeof SOURCE> & { profile?: string | null } = {}): Spec =>
  parseSpec(text, { ...SOURCE, ...source }, VOCABULARY);

function refusal(
  text: string,
  source: { profile?: string; overrides?: Record<string, unknown> } = {},
): string {
  try {
    parseSpec(text, { ...SOURCE, ...source }, VOCABULARY);
  } catch (error) {
    assert.ok(error instanceof SpecError, `${error}`);
    return error.message;
  }
  assert.fail("the spec was taken");
}

Deno.test("a spec is read, and what it leaves out has its default", () => {
  const spec = parse(GOOD);
  assert.ok(spec.optimizer.name === "sgd");
  assert.equal(spec.optimizer.momentum, 0.9);
  assert.equal(spec.eval_every, "1 epoch");
  assert.equal(spec.dataset.validation, null);
  assert.deepEqual(spec.dataset.augment, []);
});

Deno.test("a printed spec is read as the same spec", () => {
  const spec = parse(GOOD);
  assert.deepEqual(parse(stringify(spec)), spec);
});

Deno.test("a profile takes the place of keys, deep in mappings; an override takes the place of both", () => {
  const spec = parseSpec(GOOD, {
    file: "f",
    profile: "long",
    overrides: { "dataset.name": "cifar-10", seeds: [7] },
  }, VOCABULARY);
  assert.deepEqual([spec.duration, spec.dataset.train, spec.dataset.name, spec.seeds], [
    "30 epochs",
    6400,
    "cifar-10",
    [7],
  ]);
  const wrong = refusal(GOOD, { overrides: { "dataset.name": "cifar" } });
  assert.match(wrong, /^dataset\.name, as given by an option: unknown "cifar"/);
  assert.ok(!wrong.includes("> "), "a line of the text is blamed");
  assert.match(refusal(GOOD, { profile: "lnog" }), /no profile "lnog"; did you mean "long"\?/);
});

Deno.test("a loss is of the spec or of an arm, and plain cross-entropy leaves no trace in a plan", () => {
  const text = GOOD.replace("seeds:", "loss: { name: focal }\nseeds:")
    .replace("name: drops", "name: drops\n    loss: { name: cross_entropy }");
  const [focal, plain] = [0, 2].map((index) => planArms(parse(text), 640, new Map())[index]!);
  assert.deepEqual([focal!.arm, focal!.loss], ["constant", { name: "focal", gamma: 2 }]);
  assert.equal(plain!.arm, "drops");
  assert.ok(!("loss" in plain!));
  assert.equal(runKey(plain!), runKey(planArms(parse(GOOD), 640, new Map())[2]!));
  assert.notEqual(runKey(focal!), runKey(planArms(parse(GOOD), 640, new Map())[0]!));
});

const REFUSED: [what: string, from: string, to: string, message: RegExp][] = [
  [
    "an unknown key",
    "model: cnn-small",
    "modle: cnn-small",
    /spec\.yaml:3:\d+: modle: unknown key; did you mean "model"\?/,
  ],
  [
    "an unknown key deep down",
    "train: 640",
    "trian: 640",
    /spec\.yaml:2:\d+: dataset\.trian: unknown key; did you mean "train"\?/,
  ],
  [
    "a wrong type",
    "batch_size: 32",
    "batch_size: many",
    /spec\.yaml:4:13: batch_size: expected number, received string/,
  ],
  ["a wrong range", "batch_size: 32", "batch_size: 0", /spec\.yaml:4:13: batch_size: .*>=1/],
  [
    "a bare duration",
    "duration: 3 epochs",
    "duration: 3",
    /spec\.yaml:5:11: duration: .*`30 epochs`, `500 steps` or `10%`/,
  ],
  ["a duration of another unit", "duration: 3 epochs", "duration: 3 days", /5:11: duration: .*`30 epochs`/],
  [
    "a bare milestone",
    "[50%, 75%]",
    "[50%, 75]",
    /spec\.yaml:11:\d+: arms\[1\]\.schedule\.milestones\[1\]: .*`10%`/,
  ],
  [
    "an unknown schedule",
    "name: multistep",
    "name: mutlistep",
    /spec\.yaml:11:\d+: arms\[1\]\.schedule\.name: .*multistep/,
  ],
  ["a schedule's wrong key", "gamma: 0.1", "gama: 0.1", /arms\[1\]\.schedule\.gama: .*gamma/],
  ["a schedule's wrong range", "gamma: 0.1", "gamma: -1", /11:\d+: arms\[1\]\.schedule\.gamma: .*-1/],
  [
    "an unknown model",
    "model: cnn-small",
    "model: cnn-smal",
    /3:8: model: unknown "cnn-smal"; did you mean "cnn-small"\?/,
  ],
  [
    "an unknown data set",
    "name: shapes",
    "name: shape",
    /dataset\.name: unknown "shape"; did you mean "shapes"\?/,
  ],
  [
    "an unknown loss",
    "model: cnn-small",
    "model: cnn-small\nloss: { name: hinge }",
    /4:\d+: loss\.name: .*'cross_entropy' \| 'focal'/,
  ],
  [
    "a loss's wrong key",
    "model: cnn-small",
    "model: cnn-small\nloss: { name: focal, gama: 2 }",
    /4:\d+: loss\.gama: unknown key; did you mean "gamma"\?/,
  ],
  [
    "a loss without effect",
    "name: drops",
    "name: drops\n    loss: { name: focal, gamma: 0 }",
    /11:\d+: arms\[1\]\.loss\.gamma: expected above 0; at 0 focal loss is cross_entropy/,
  ],
  [
    "too much smoothing",
    "model: cnn-small",
    "model: cnn-small\nloss: { name: cross_entropy, label_smoothing: 1 }",
    /4:\d+: loss\.label_smoothing: .*<1/,
  ],
  ["a repeated seed", "[1, 2]", "[1, 1]", /6:8: seeds: names a seed twice/],
  ["two arms of one name", "name: drops", "name: constant", /arms: two arms share a name/],
  [
    "tuned without tune",
    "{ name: constant, lr: 0.05 }",
    "{ name: constant, lr: tuned }",
    /9:\d+: arms\[0\]\.schedule\.lr: `tuned` needs a `tune` section/,
  ],
  [
    "a tuned max_lr without tune",
    "{ name: constant, lr: 0.05 }",
    "{ name: one_cycle, max_lr: tuned, duration: 100% }",
    /9:\d+: arms\[0\]\.schedule\.max_lr: `tuned` needs a `tune` section/,
  ],
  [
    "a tuned rate behind a ramp, without tune",
    "{ name: constant, lr: 0.05 }",
    "{ name: warmup, duration: 10%, then: { name: constant, lr: tuned } }",
    /9:\d+: arms\[0\]\.schedule\.then\.lr: `tuned` needs a `tune` section/,
  ],
  [
    "an arm of an unknown model",
    "{ name: constant, lr: 0.05 }",
    "{ name: constant, lr: 0.05 }\n    model: cnn-smal",
    /arms\[0\]\.model: unknown "cnn-smal"; .*cnn-small/,
  ],
  [
    "a seed to tune with that is compared",
    "seeds: [1, 2]",
    "seeds: [1, 2]\ntune: { rates: [0.1, 0.2], seeds: [2, 9] }",
    /7:\d+: tune\.seeds: seed 2 is compared too; expected seeds to tune with that no comparison uses/,
  ],
  [
    "a part of a step",
    "duration: 3 epochs",
    "duration: 0.3 steps",
    /5:11: duration: a run lasts from 1 step/,
  ],
  ["no epoch at all", "duration: 3 epochs", "duration: 0 epochs", /5:11: duration: a run lasts from 1 step/],
  [
    "epochs without end",
    "duration: 3 epochs",
    "duration: 1e10 epochs",
    /5:11: duration: .* to 1e\+9 of them/,
  ],
  [
    "a percentage for the whole run",
    "duration: 3 epochs",
    "duration: 50%",
    /5:11: duration: .*epochs or steps/,
  ],
  ["no arms", GOOD.slice(GOOD.indexOf("arms:"), GOOD.indexOf("profiles:")), "arms: []\n", /arms: /],
  ["a key given twice", "seeds: [1, 2]", "seeds: [1, 2]\nseeds: [3]", /spec\.yaml:7:1/],
  ["text that is no YAML", "seeds: [1, 2]", "seeds: [1, 2", /spec\.yaml:\d+:\d+/],
];

for (const [what, from, to, message] of REFUSED) {
  Deno.test(`a spec with ${what} is refused with its place`, () => {
    assert.ok(GOOD.includes(from));
    assert.match(refusal(GOOD.replace(from, to)), message);
  });
}

Deno.test("a refusal shows the line with a caret below the place", () => {
  assert.match(
    refusal(GOOD.replace("batch_size: 32", "batch_size: many")),
    /> 4 \| batch_size: many\n {4}\| {13}\^/,
  );
});

Deno.test("a sweep's paths and values are checked before anything runs", () => {
  const sweep = (over: string) => `${GOOD}sweep: { over: ${over} }\n`;
  assert.match(refusal(sweep(`{ "arms[1].schedule.gamma": [0.1, -2] }`)), /sweep\.over.*gamma.*-2/s);
  assert.match(refusal(sweep(`{ "arms[7].schedule.gamma": [0.1, 0.2] }`)), /there is no arms\[7\]/);
  assert.match(
    refusal(sweep(`{ "arms[1].schedule.gamma": [0.1, 0.1] }`)),
    /sweep\.over.*0\.1 is there twice/s,
  );
  assert.match(
    refusal(sweep(`{ "arms[1].schedule.gamma": [0.1, 0.2], "arms[0].schedule.lr": [0.1, 0.2] }`)),
    /sweep\.over: paths lead into arms\[1\] and arms\[0\]: expected those of one arm/,
  );
  const many = `[${Array.from({ length: 40 }, (_, index) => (index + 1) / 100)}]`;
  assert.match(
    refusal(sweep(`{ "arms[1].schedule.gamma": ${many}, "arms[1].schedule.lr": ${many} }`)),
    /sweep\.over: Cannot sweep over 1600 cells/,
  );
  assert.match(refusal(sweep(`{ "batch_size": [1, 2] }`)), /expected a path into an arm's schedule/);
  assert.ok(parse(sweep(`{ "arms[1].schedule.gamma": [0.1, 0.2] }`)).sweep);
});

Deno.test("a spec that would blow up by aliases, and one that is huge, are refused", () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (let depth = 1; depth < 9; depth++) {
    const name = "abcdefghi"[depth]!;
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${"abcdefghi"[depth - 1]}`).join(", ")}]`);
  }
  assert.match(refusal(bomb.join("\n")), /alias/i);
  assert.match(refusal("a".repeat(1_000_001)), /at most 1000000/);
});

Deno.test("paths are printed as they are read", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.stringMatching(/^[a-z_]+$/), fc.nat(99)), { minLength: 1 }), (path) => {
      if (typeof path[0] === "number") path.unshift("root");
      assert.deepEqual(readPath(printPath(path)), path);
    }),
  );
  for (const wrong of ["", "a..b", "a[x]", "a.", "[", "a[1"]) {
    assert.throws(() => readPath(wrong), SyntaxError);
  }
  const data = { a: [{ b: 1 }, { b: 2 }] };
  assert.deepEqual(setIn(data, ["a", 1, "b"], 3), { a: [{ b: 1 }, { b: 3 }] });
  assert.equal(data.a[1]!.b, 2);
});

Deno.test("looks rise, and the last takes no more seeds than there are", () => {
  const text = (looks: string) => GOOD.replace("seeds: [1, 2]", `seeds: [1, 2, 3, 4]\nlooks: ${looks}`);
  assert.deepEqual(parse(text("{ at: [2, 4], budget: 90 s }")).looks, { at: [2, 4], budget: "90 s" });
  assert.deepEqual(parse(text("{ at: [3] }")).looks, { at: [3], budget: null });
  assert.match(
    refusal(text("{ at: [2, 8] }")),
    /looks\.at\[1\]: a look at 8 seeds needs as many, and `seeds` has 4/,
  );
  assert.match(refusal(text("{ at: [4, 2] }")), /looks\.at: expected counts of seeds that rise/);
  assert.match(refusal(text("{ at: [1, 4] }")), /looks\.at\[0\]: .*2/);
  assert.match(refusal(text("{ at: [2], budget: 90 }")), /looks\.budget/);
  assert.match(
    refusal(text("{ at: [2], budget: 0 s }")),
    /looks\.budget: expected a time above 0 with its unit: `60 s`, `15 min` or `2 h`/,
  );
});

Deno.test("a margin is a share of the images, nats, or a share of the run", () => {
  const text = (margin: string) => GOOD.replace("seeds:", `margin: ${margin}\nseeds:`);
  assert.deepEqual(parse(text("{ accuracy: 0.02, steps: 0.1 }")).margin, { accuracy: 0.02, steps: 0.1 });
  assert.match(refusal(text("{ accuracy: 2 }")), /margin\.accuracy/);
  assert.match(refusal(text("{ beauty: 1 }")), /beauty/);
});

Deno.test("text is not augmented, has ensembles, and no losses of masks", () => {
  const vocabulary = {
    datasets: ["grammar"],
    datasetKeys: { grammar: { required: [], optional: ["context"], defaults: { context: 64 } } },
    labelUnits: { grammar: "token" as const },
    models: ["cnn-small"],
  };
  const parsed = (dataset: string, more: string) =>
    parseSpec(
      `name: x
dataset: { name: grammar${dataset} }
model: cnn-small
batch_size: 8
duration: 1 epoch
seeds: [1]
${more}`,
      { file: "x.yaml", profile: null, overrides: {} },
      vocabulary,
    );
  const arm = "arms: [{ name: a, schedule: { name: constant, lr: 0.1 } }]";
  assert.equal(parsed(", context: 32", arm).dataset.context, 32);
  // A plan has the context that is left out, so that schedules can count tokens.
  const spec = parsed("", arm.replace("constant, lr", "linear, duration: 20k tokens, lr"));
  assert.equal(spec.dataset.context, 64);
  const [plan] = planArms(spec, 640, new Map());
  const { shape } = scheduleHorizon(plan!);
  assert.equal(shape.tokensPerStep, 8 * 64);
  assert.equal(durationToSteps(parseDuration("20k tokens"), shape), Math.round(20_000 / 512));
  const refused = (dataset: string, more: string, message: RegExp) =>
    assert.throws(
      () => parsed(dataset, more),
      (error) => error instanceof SpecError && message.test(error.message),
    );
  refused(", augment: [flip]", arm, /dataset\.augment: grammar is text, which cannot be cropped or flipped/);
  refused(", context: 4", arm, /dataset\.context/);
  assert.equal(parsed("", `predictions: true\n${arm}`).predictions, true);
  refused(
    "",
    `loss: { name: dice }\n${arm}`,
    /loss\.name: dice needs images with masks, and grammar has none/,
  );
  assert.equal(parsed("", arm.replace("name: a,", "name: a, members: 3,")).arms[0]!.members, 3);
});

Deno.test("losses of masks need a data set with masks, which has no ensembles", () => {
  const vocabulary = {
    datasets: ["shapes", "shapes-masks"],
    labelUnits: { "shapes-masks": "pixel" as const },
    models: ["cnn-small", "unet-small"],
  };
  const parsed = (dataset: string, more: string) =>
    parseSpec(
      `name: x
dataset: { name: ${dataset} }
model: cnn-small
batch_size: 10
duration: 1 epoch
seeds: [1]
${more}
`,
      { file: "x", profile: null, overrides: {} },
      vocabulary,
    );
  const arm = "arms: [{ name: one, schedule: { name: constant, lr: 0.1 } }]";
  const sum = "loss: { name: sum, components: [{ name: dice }, { name: hausdorff, weight: 0.1 }] }";
  const { loss } = parsed("shapes-masks", `${sum}\n${arm}`);
  assert.deepEqual(loss, {
    name: "sum",
    components: [
      { name: "dice", smoothing: 1, include_background: false, weight: 1 },
      { name: "hausdorff", alpha: 2, weight: 0.1 },
    ],
  });
  const refused = (dataset: string, more: string, message: RegExp) =>
    assert.throws(
      () => parsed(dataset, more),
      (error) => error instanceof Error && message.test(error.message),
    );
  refused(
    "shapes",
    `${sum}\n${arm}`,
    /loss\.name: sum needs images with masks, and shapes has none; data sets with masks: shapes-masks/,
  );
  refused(
    "shapes",
    "arms: [{ name: one, loss: { name: dice }, schedule: { name: constant, lr: 0.1 } }]",
    /arms\[0\]\.loss\.name: dice needs/,
  );
  refused(
    "shapes-masks",
    `predictions: true\n${arm}`,
    /predictions: shapes-masks has masks, and there are no ensembles/,
  );
  refused(
    "shapes-masks",
    "arms: [{ name: one, members: 2, schedule: { name: constant, lr: 0.1 } }]",
    /arms\[0\]\.members: shapes-masks has masks/,
  );
  refused(
    "shapes-masks",
    `loss: { name: sum, components: [{ name: dice }, { name: dice }] }\n${arm}`,
    /names a loss twice/,
  );
  refused("shapes-masks", `loss: { name: sum, components: [{ name: dice, weight: -1 }] }\n${arm}`, /weight/);
});
