import assert from "node:assert/strict";
import { main } from "../../main.ts";
import type { CommandIo } from "#app/io.ts";
import { PRESETS } from "#advise/presets.ts";
import { GOALS, TASKS } from "#advise/facts.ts";
import { type Framework, FRAMEWORKS } from "#schedules/frameworks/exports.ts";
import { parseSpec } from "#spec/parse.ts";
import { run } from "../support/command.ts";

const COSINE = '{"name": "cosine", "lr": 0.1, "T_max": "100%"}';
const ONE_CYCLE = '{"name": "one_cycle", "max_lr": 0.1, "duration": "100%"}';
const RUN = ["--steps", "20", "--steps-per-epoch", "5"];

Deno.test("schedule --format json: lr and momentum of one schedule, a list of several", async () => {
  const one = await run(["schedule", "--spec", ONE_CYCLE, ...RUN, "--format", "json"]);
  assert.equal(one.err, "");
  const data = JSON.parse(one.out);
  assert.equal(data.lr.length, 20);
  assert.equal(data.momentum.length, 20);
  assert.equal(data.lr[0], 0.004);
  assert.equal(data.momentum[5], 0.85);
  const plain = JSON.parse((await run(["schedule", "--spec", COSINE, ...RUN, "--format", "json"])).out);
  assert.equal(plain.momentum, null);
  assert.ok(Math.abs(plain.lr[10] - 0.05) < 1e-15);
  const both = await run(["schedule", "--spec", COSINE, "--spec", ONE_CYCLE, ...RUN, "--format", "json"]);
  assert.deepEqual(
    JSON.parse(both.out).schedules.map(({ momentum }: { momentum: unknown }) => momentum !== null),
    [false, true],
  );
});

Deno.test("schedule --format csv: a row a step, exact", async () => {
  const { out } = await run([
    "schedule",
    "--spec",
    '{"name": "constant", "lr": 1e-7}',
    "--steps",
    "3",
    "--format",
    "csv",
  ]);
  assert.deepEqual(out.split("\r\n"), [
    "step,epoch,lr,momentum",
    "0,0,1e-7,",
    "1,0.01,1e-7,",
    "2,0.02,1e-7,",
    "",
  ]);
});

Deno.test("schedule in the terminal: curves of rate and momentum, figures, restarts", async () => {
  const { out } = await run([
    "schedule",
    "--spec",
    ONE_CYCLE,
    "--spec",
    '{"name": "sgdr", "lr": 0.1, "T_0": "1 epoch"}',
    ...RUN,
  ]);
  assert.match(out, /learning rate\n[\s\S]+momentum\n[\s\S]+restarts at 5, 10, 15/);
  assert.ok(out.split("\n").every((line) => line.length <= 160));
});

Deno.test("schedule --format html: one self-contained page with a policy, rates over steps and epochs", async () => {
  const { files, err } = await run([
    "schedule",
    "--spec",
    COSINE,
    "--spec",
    ONE_CYCLE,
    ...RUN,
    "--format",
    "html",
    "--out",
    "page.html",
  ]);
  assert.equal(err, "wrote page.html\n");
  const page = files["page.html"]!;
  assert.match(page, /Content-Security-Policy/);
  assert.ok(
    !/<(script|link|img)[^>]+(src|href)="(?!data:)[^"#]/.test(page),
    "the page asks for something else",
  );
  for (const word of ["Learning rate", "Momentum", "epoch", "one cycle up to 0.1"]) {
    assert.ok(page.includes(word), word);
  }
});

Deno.test("schedule --file: one schedule, or the arms of a spec with its run", async () => {
  const spec = [
    "name: two",
    "dataset: { name: shapes, train: 640 }",
    "optimizer: { name: sgd }",
    "batch_size: 64",
    "duration: 3 epochs",
    "tune: { rates: [0.2, 0.4], seeds: [9] }",
    "arms:",
    "  - { name: flat, schedule: { name: constant, lr: tuned } }",
    "  - { name: wave, schedule: { name: sgdr, lr: 0.1, T_0: 1 epoch } }",
  ].join("\n");
  const { out } = await run(["schedule", "--file", "two.yaml", "--format", "json"], { "two.yaml": spec });
  const data = JSON.parse(out);
  assert.deepEqual(data.schedules.map(({ name }: { name: string }) => name), ["flat", "wave"]);
  assert.deepEqual([data.total_steps, data.steps_per_epoch, data.schedules[0].lr[0]], [30, 10, 0.2]);
  assert.deepEqual(data.schedules[1].restarts, [10, 20]);
  const checked = await run(["schedule", "--file", "two.yaml", "--check"], { "two.yaml": spec });
  assert.match(checked.out, /warning few-restarts[\s\S]+warning restarts-without-clipping/);
  const single = await run(["schedule", "--file", "s.yaml", "--steps", "5", "--format", "json"], {
    "s.yaml": "name: linear\nlr: 1\nduration: 4 steps\n",
  });
  assert.deepEqual(JSON.parse(single.out).lr, [1, 0.75, 0.5, 0.25, 0]);
});

Deno.test("errors name the place of a mistake, and end with exit code 2", async () => {
  const mistakes: [string[], RegExp, Record<string, string>?][] = [
    [["schedule"], /Nothing to show: give --spec JSON, --file YAML or --preset NAME/],
    [
      ["schedule", "--spec", '{"name": "cosin"}'],
      /--spec: unknown schedule "cosin"; did you mean "cosine"\?/,
    ],
    [["schedule", "--spec", "{name"], /--spec is not JSON: .*expected such as/],
    [["schedule", "--spec", '{"name": "cosine", "lr": 0.1, "T_max": 30}'], /T_max has no unit: it is 30/],
    [
      [
        "schedule",
        "--spec",
        '{"name": "warmup", "duration": "5%", "then": {"name": "cosine", "lr": -1, "T_max": "1%"}}',
      ],
      /--spec: in then: lr must be a finite number > 0; it is -1/,
    ],
    [["schedule", "--spec", COSINE, "--preset", "bert"], /--spec and --preset cannot be used together/],
    [
      ["schedule", "--spec", '{"name": "cosine", "lr": 0.1, "T_max": "200000000 steps"}', "--format", "json"],
      /Cannot show 200,000,000 steps, at most 10,000,000/,
    ],
    [["schedule", "--preset", "bert", "--strict"], /--strict needs --check/],
    [["schedule", "--spec", COSINE, "--clip-norm", "1"], /--clip-norm needs --check/],
    [["schedule", "--spec", COSINE, "--emit", "keras", "--format", "json"], /--emit keras prints code/],
    [["schedule", "--spec", COSINE, "--steps", "0"], /whole number from 1/],
    [
      ["schedule", "--spec", COSINE, "--emit", "tensorflow"],
      /Allowed choices are pytorch, keras, optax, transformers/,
    ],
    [
      ["schedule", "--spec", '{"name": "multistep", "lr": 1, "milestones": ["50%", "1%"]}'],
      /in ascending order; it is \[500,10\]/,
    ],
    [["schedule", "--preset", "brt"], /Unknown preset "brt"; did you mean "bert"\?/],
    [["schedule", "--spec", '{"name": "custom", "module": "https://x/y.ts"}'], /only a local file/],
    [
      ["schedule", "--spec", '{"name": "cosine", "lr": 0.1, "T_max": "2B tokens"}'],
      /in tokens: .* use --tokens-per-step$/m,
    ],
    [
      ["schedule", "--spec", '{"name": "custom", "module": "./nowhere.ts"}'],
      /Cannot load the schedule \.\/nowhere\.ts/,
    ],
    [["schedule", "--file", "a.yaml"], /^a\.yaml:2:\d+: arms\.0\.schedule\.lr: lr must be/, {
      "a.yaml": "arms:\n  - { name: x, schedule: { name: constant, lr: -1 } }\n",
    }],
    [["schedule", "--file", "a.yaml"], /^a\.yaml:1:\d+: /, { "a.yaml": "{ name: cosine, lr: 0.1" }],
    [["recommend", "--goal", "best", "--drops", "3"], /--goal best does not use it.*known-drops/],
    [["recommend", "--drops", "30,20"], /drops at 30, 20: they must ascend/],
    [["recommend", "--epochs", "0"], /whole number from 1/],
  ];
  for (const [args, message, files] of mistakes) {
    const { code, err, out } = await run(args, files);
    assert.equal(code, 2, `${args.join(" ")}: ${err}`);
    assert.match(err, message);
    assert.equal(out, "");
    assert.ok(!/\n\s+at /.test(err), "a stack trace reached the user");
  }
});

Deno.test("a custom module is loaded relative to the file that names it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/mine.ts`,
      "export const schedule = (t: number): number => 1 / (1 + t);\n",
    );
    const { out } = await run(
      ["schedule", "--file", `${folder}/s.yaml`, "--steps", "2", "--format", "json"],
      {
        [`${folder}/s.yaml`]: "name: custom\nmodule: ./mine.ts\n",
      },
    );
    assert.deepEqual(JSON.parse(out).lr, [1, 0.5]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The line that every snippet of a framework has. */
const EMITTED: Readonly<Record<Framework, RegExp>> = {
  pytorch: /^scheduler = /m,
  transformers: /^scheduler = /m,
  timm: /^scheduler = /m,
  keras: /^schedule = /m,
  optax: /^schedule = /m,
  fastai: /^learn\.fit/m,
  lightning: /^def configure_optimizers\(self\):$/m,
};

Deno.test("schedule --emit, --dialect, --check and --list answer; --strict fails on a warning", async () => {
  for (const framework of FRAMEWORKS) {
    const { out, code } = await run(["schedule", "--spec", COSINE, ...RUN, "--emit", framework]);
    assert.equal(code, 0);
    assert.match(
      out,
      EMITTED[framework],
    );
  }
  assert.match(
    (await run(["schedule", "--spec", COSINE, ...RUN, "--dialect"])).out,
    /PyTorch: .*\n {4}differs at \d+ of 22 steps/,
  );
  const narrow = '{"name": "cosine", "lr": 0.1, "eta_min": 0.09, "T_max": "100%"}';
  assert.match(
    (await run(["schedule", "--spec", narrow, ...RUN, "--check"])).out,
    /warning rate-range-narrow[\s\S]+eta_min: 0\.0001/,
  );
  const strict = await run(["schedule", "--spec", narrow, ...RUN, "--check", "--strict"]);
  assert.deepEqual([strict.code, strict.err], [1, "1 warning\n"]);
  const list = JSON.parse((await run(["schedule", "--list", "--format", "json"])).out);
  assert.ok(list.schedules.length >= 23 && list.presets.length >= 15);
});

Deno.test("--check takes the facts of the run from options, and each pitfall of SGDR is a warning", async () => {
  const run50k = ["--steps", "50000", "--steps-per-epoch", "500", "--check", "--format", "json"];
  const restarts = (more: string) => `{"name": "sgdr", "lr": 0.1, "eta_min": 0.0001, ${more}}`;
  const pitfalls: [string, string[], string][] = [
    [restarts('"T_0": "100 steps", "T_mult": 2'), ["--convergence", "5000"], "restarts-too-frequent"],
    ['{"name": "sgdr", "lr": 1e-4, "eta_min": 8e-5, "T_0": "10 epochs"}', [], "rate-range-narrow"],
    [restarts('"T_0": "5000 epochs"'), [], "cycle-outlasts-run"],
    [restarts('"T_0": "20 epochs"'), ["--snapshots", "no"], "snapshots-forgotten"],
    [restarts('"T_0": "20 epochs"'), ["--optimizer", "adam"], "adaptive-optimizer-without-reset"],
    [restarts('"T_0": "20 epochs"'), ["--clip-norm", "none"], "restarts-without-clipping"],
    [restarts('"T_0": "30 epochs", "T_mult": 2'), [], "few-restarts"],
  ];
  const careful = ["--optimizer", "sgd", "--clip-norm", "1", "--snapshots", "yes", "--reset", "yes"];
  for (const [spec, facts, code] of pitfalls) {
    const { findings } = JSON.parse((await run(["schedule", "--spec", spec, ...run50k, ...facts])).out);
    const found = findings.find((finding: { code: string }) => finding.code === code);
    assert.equal(found?.severity, "warning", code);
  }
  const good = JSON.parse(
    (await run(["schedule", "--spec", restarts('"T_0": "20 epochs"'), ...run50k, ...careful])).out,
  );
  assert.ok(good.findings.every(({ severity }: { severity: string }) => severity === "note"));
});

Deno.test("every preset is a spec that train accepts and that --file shows", async () => {
  const vocabulary = { datasets: ["shapes"], models: ["cnn-small"] };
  for (const { name } of PRESETS) {
    const { out } = await run(["schedule", "--preset", name]);
    const spec = parseSpec(out, { file: name, profile: null, overrides: {} }, vocabulary);
    assert.equal(spec.arms[0]!.name, name);
    const shown = await run([
      "schedule",
      "--file",
      "p.yaml",
      "--steps",
      "50",
      "--steps-per-epoch",
      "5",
      "--format",
      "json",
    ], {
      "p.yaml": out,
    });
    const direct = await run([
      "schedule",
      "--preset",
      name,
      "--steps",
      "50",
      "--steps-per-epoch",
      "5",
      "--format",
      "json",
    ]);
    assert.deepEqual(JSON.parse(shown.out).lr, JSON.parse(direct.out).lr, name);
  }
});

Deno.test("recommend answers every goal for every task with a spec that train accepts, and says why", async () => {
  const vocabulary = { datasets: ["shapes"], models: ["cnn-small"] };
  for (const goal of GOALS) {
    for (const task of TASKS) {
      for (const epochs of ["1", "90", "300"]) {
        const more = goal === "known-drops" ? ["--drops", epochs === "1" ? "1" : "30,60"] : [];
        if (goal === "known-drops" && epochs === "1") continue; // no drop fits
        const { out, code } = await run([
          "recommend",
          "--goal",
          goal,
          "--task",
          task,
          "--epochs",
          epochs,
          ...more,
        ]);
        assert.equal(code, 0);
        assert.match(out, /^# .+\n# .+\n/);
        parseSpec(out, { file: goal, profile: null, overrides: {} }, vocabulary);
      }
    }
  }
});

Deno.test("recommend asks at a terminal for what no option says", async () => {
  const asked: string[] = [];
  let out = "";
  const answers = ["2", "", "12"];
  const io: CommandIo = {
    stdout: (text) => void (out += text),
    stderr: () => {},
    readText: () => Promise.reject(new Error("nothing to read")),
    writeTextAtomic: () => Promise.reject(new Error("nothing to write")),
    isTerminal: true,
    stderrIsTerminal: true,
    columns: 80,
    env: () => undefined,
    ask: (question) => Promise.resolve((asked.push(question), answers.shift()!)),
  };
  assert.equal(await main(["recommend"], io), 0);
  assert.equal(asked.length, 3);
  assert.match(out, /line to 0[\s\S]+duration: 12 epochs[\s\S]+lr: 0\.1/);
});

Deno.test("nothing of a model or of tfjs is behind the command", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "src/app/commands/schedule.ts"],
    cwd: new URL("../..", import.meta.url),
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: { specifier: string }[] };
  const heavy = modules.filter(({ specifier }) => /tensorflow|src\/compute\//.test(specifier));
  assert.deepEqual(heavy, []);
});

Deno.test("schedule: an arm's name cannot leave its line in emitted code, nor colour a terminal", async () => {
  const yaml = 'arms:\n  - name: "a\\e[31m\\nimport os"\n    schedule: { name: constant, lr: 0.1 }\n' +
    "  - { name: b, schedule: { name: constant, lr: 0.2 } }\n";
  for (const action of [["--emit", "pytorch"], ["--check"], ["--dialect"], ["--predict"], []]) {
    const { out, code } = await run(["schedule", "--file", "s.yaml", ...action], { "s.yaml": yaml });
    assert.equal(code, 0, action.join(" "));
    assert.ok(!/^import os/m.test(out) && !out.includes("\u001b"), action.join(" "));
  }
});

Deno.test("schedule: a custom rate that cannot be applied is wrong use, whatever is asked", async () => {
  const folder = await Deno.makeTempDir();
  const module = `${folder}/mine.ts`;
  await Deno.writeTextFile(module, "export const schedule = (t: number) => t === 5 ? NaN : 0.1;\n");
  for (const action of [["--predict"], ["--format", "csv"], []]) {
    const spec = JSON.stringify({ name: "custom", module });
    const { code, err } = await run(["schedule", "--spec", spec, "--steps", "9", ...action]);
    assert.equal(code, 2);
    assert.match(err, /^custom .*the rate of step 5 from .* must be finite and >= 0; it is NaN\n$/);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("schedule: a file that is nested too deeply is refused in plain words", async () => {
  const deep = "[".repeat(20_000) + "]".repeat(20_000);
  const { code, err } = await run(["schedule", "--file", "deep.yaml"], { "deep.yaml": deep });
  assert.equal(code, 2);
  assert.equal(err, "deep.yaml: nested more than 100 deep\n");
  const nested = '{"name":"warmup","duration":"1 steps","then":'.repeat(3000) + "{}" + "}".repeat(3000);
  const spec = await run(["schedule", "--spec", nested]);
  assert.deepEqual([spec.code, spec.err], [2, "--spec: it is nested too deeply to be read\n"]);
});
