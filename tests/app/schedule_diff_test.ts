import assert from "node:assert/strict";
import { run } from "../support/command.ts";

const RUN = ["--steps", "100", "--steps-per-epoch", "10"];
const FLAT = '{"name": "constant", "lr": 0.1}';
const DROP = '{"name": "step", "lr": 0.1, "step_size": "60 steps", "gamma": 0.5}';
const FILE = [
  "dataset: { name: shapes, train: 1000 }",
  "batch_size: 64",
  "duration: 3 epochs",
  "arms:",
  "  - { name: plain, schedule: { name: cosine, lr: 0.1, T_max: 100% } }",
  ...["append", "keep", "stretch"].map((clock) =>
    `  - { name: ${clock}, from: plain, clock: ${clock}, duration: 5 epochs, ` +
    "schedule: { name: cosine, lr: 0.1, T_max: 100% } }"
  ),
].join("\n");

Deno.test("--diff: the first step at which two schedules part, the largest ratio, the area between", async () => {
  const { out } = await run(["schedule", "--diff", FLAT, DROP, ...RUN, "--format", "json"]);
  const { difference, schedules } = JSON.parse(out);
  assert.equal(schedules.length, 2);
  assert.equal(difference.compared_steps, 100);
  assert.deepEqual([difference.first_step, difference.differing_steps], [60, 40]);
  assert.deepEqual(difference.largest_ratio, { value: 2, step: 60 });
  assert.ok(Math.abs(difference.area - 40 * 0.05) < 1e-12);
  assert.ok(Math.abs(difference.sums[0] - 10) < 1e-12 && Math.abs(difference.sums[1] - 8) < 1e-12);
  const text = (await run(["schedule", "--diff", FLAT, DROP, ...RUN])).out;
  assert.match(
    text,
    /learning rate\n[\s\S]+they part: at step 60; they differ at 40 of 100 steps\nlargest ratio: 2 at step 60/,
  );
});

Deno.test("--diff: the same schedule, zeros, presets in their own run, files by arm, a page", async () => {
  const same = (await run(["schedule", "--diff", FLAT, FLAT, ...RUN])).out;
  assert.match(same, /they part: never: the same rate at all 100 steps/);
  const zero = '{"name": "linear", "lr": 0.1, "duration": "50%"}';
  const { difference } = JSON.parse(
    (await run(["schedule", "--diff", FLAT, zero, ...RUN, "--format", "json"])).out,
  );
  assert.equal(difference.one_is_zero_steps, 50);
  const preset = JSON.parse((await run(["schedule", "--diff", "bert", FLAT, "--format", "json"])).out);
  assert.deepEqual(preset.schedules.map(({ total_steps }: { total_steps: number }) => total_steps), [
    10_000,
    10_000,
  ]);
  const files = { "runs.yaml": FILE };
  const arms = await run(
    ["schedule", "--diff", "runs.yaml#plain", "runs.yaml#keep", "--format", "json"],
    files,
  );
  // One ends where the other begins: there is no step to compare.
  assert.equal(JSON.parse(arms.out).difference.compared_steps, 0);
  const page = await run(["schedule", "--diff", FLAT, DROP, ...RUN, "--format", "html", "--out", "d.html"]);
  for (const word of ["Difference", "Ratio of the rates", "they part", "Learning rate"]) {
    assert.ok(page.files["d.html"]!.includes(word), word);
  }
});

Deno.test("--resumed-at shows what stretch, keep and append train", async () => {
  const spec = '{"name": "cosine", "lr": 0.1, "T_max": "100%"}';
  const args = [
    "--spec",
    spec,
    "--steps",
    "48",
    "--steps-per-epoch",
    "16",
    "--resumed-at",
    "48",
    "--until",
    "5 epochs",
  ];
  const seen = JSON.parse((await run(["schedule", ...args, "--format", "json"])).out).schedules;
  const files = { "runs.yaml": FILE };
  const planned =
    JSON.parse((await run(["schedule", "--file", "runs.yaml", "--format", "json"], files)).out).schedules;
  const rates = (list: { name: string; lr: number[] }[], name: string) =>
    list.find((one) => one.name === name)!.lr;
  for (const policy of ["stretch", "keep", "append"]) {
    assert.deepEqual(rates(seen, policy), rates(planned, policy), policy);
    assert.equal(rates(seen, policy).length, 32);
  }
  // An arm that a file names is resumed in the run that is planned for it.
  const arm = ["--file", "runs.yaml#plain", "--resumed-at", "48", "--until", "5 epochs", "--format", "json"];
  const ofFile = JSON.parse((await run(["schedule", ...arm], files)).out).schedules;
  assert.deepEqual(rates(ofFile, "stretch"), rates(planned, "stretch"));
  const middle = (await run(["schedule", "--preset", "bert", "--resumed-at", "6000", "--until", "200%"])).out;
  assert.match(middle, /resumed after 6000 of 10000 steps, up to step 20000/);
  assert.match(middle, /stretch: .+ at step 5999, .+ at 6000 \(× 1\.75\)/);
  assert.match(middle, /append: .+, 0 at 6000 \(× 0\)/);
  const page = await run(["schedule", ...args, "--format", "html", "--out", "r.html"]);
  for (const word of ["Horizon policies", "stretch", "keep", "append", "as planned"]) {
    assert.ok(page.files["r.html"]!.includes(word), word);
  }
});

Deno.test("--diff and --resumed-at refuse what they cannot show", async () => {
  const mistakes: [string[], RegExp, Record<string, string>?][] = [
    [["--diff", FLAT], /--diff compares two schedules.+one is given/],
    [["--diff", FLAT, FLAT, FLAT], /3 are given/],
    [
      ["--diff", FLAT, FLAT, "--check"],
      /--diff and --check cannot be used together|--check and --diff cannot/,
    ],
    [["--diff", "runs.yaml", FLAT], /runs\.yaml has 4 arms: write runs\.yaml#ARM for one of plain, append/, {
      "runs.yaml": FILE,
    }],
    [["--diff", "runs.yaml#plan", FLAT], /there is no arm "plan"; did you mean "plain"\?/, {
      "runs.yaml": FILE,
    }],
    [["--spec", FLAT, "--resumed-at", "5"], /--resumed-at needs --until/],
    [["--spec", FLAT, "--until", "5 epochs"], /--until needs --resumed-at/],
    [
      ["--spec", FLAT, ...RUN, "--resumed-at", "101", "--until", "30 epochs"],
      /Cannot resume at step 101: .+1 to 100/,
    ],
    [
      ["--spec", FLAT, ...RUN, "--resumed-at", "80", "--until", "5 epochs"],
      /Cannot continue until 5 epochs \(step 50\)/,
    ],
    [
      ["--spec", FLAT, "--spec", DROP, "--resumed-at", "80", "--until", "200%"],
      /shows one schedule; 2 are given/,
    ],
  ];
  for (const [args, message, files] of mistakes) {
    const { code, err } = await run(["schedule", ...args], files);
    assert.equal(code, 2, args.join(" "));
    assert.match(err, message);
  }
});

Deno.test("names of other frameworks lead to ours; names alone, and keys twice, are refused with their place", async () => {
  const mistakes: [string, RegExp][] = [
    [
      '{"name": "CosineAnnealingLR"}',
      /unknown schedule "CosineAnnealingLR"; here it is "cosine", such as \{ name: cosine/,
    ],
    ['{"name": "torch.optim.lr_scheduler.OneCycleLR"}', /here it is "one_cycle"/],
    ['{"name": "cosine_with_restarts"}', /here it is "sgdr"/],
    ['{"name": "reduce_on_plateau"}', /here it is "plateau"/],
    ['{"name": "get_wsd_schedule"}', /here it is "wsd"/],
    [
      '{"name": "one_cycle", "max_lr": 0.1, "total_steps": 100}',
      /no parameter "total_steps"; here it is "duration"/,
    ],
    ['{"name": "cosine", "lr": 0.1, "t_initial": 300}', /no parameter "t_initial"; here it is "T_max"/],
    [
      '{"name": "warmup", "duration": "5%", "then": "cosine"}',
      /--spec: then: a schedule must be a mapping with a name, such as \{ name: cosine, lr: .+\}; it is "cosine"/,
    ],
    ['{"name": "max", "of": ["StepLR"]}', /of\[0\]: a schedule must be a mapping.+\{ name: step, lr:/],
    [
      '{"name": "cosine", "lr": 0.1, "lr": 1, "T_max": "100%"}',
      /--spec:1:31: "lr" is there twice; give each key once/,
    ],
    ["{ name: cosine, lr: 0.1,\n  lr: 1 }", /--spec:2:3: lr is there twice/],
    [
      '{"name": "warmup", "duration": "5%", "then": {"name": "constant", "lr": 1, "lr": 2}}',
      /--spec:1:76: "lr" is there twice/,
    ],
  ];
  for (const [spec, message] of mistakes) {
    const { code, err } = await run(["schedule", "--spec", spec]);
    assert.equal(code, 2, spec);
    assert.match(err, message);
  }
  const files = { "twice.yaml": "name: cosine\nlr: 0.1\nlr: 1\nT_max: 100%\n" };
  assert.match((await run(["schedule", "--file", "twice.yaml"], files)).err, /twice\.yaml:3:1: /);
});
