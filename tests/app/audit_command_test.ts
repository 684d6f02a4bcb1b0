import assert from "node:assert/strict";
import { buildSchedule } from "#schedules/registry.ts";
import { run } from "../support/command.ts";

const COSINE = { name: "cosine", lr: 0.1, eta_min: 0.001, T_max: "400 steps" };
const PLAN = JSON.stringify(COSINE);

/** A CSV file of a run; the folder is removed with the test. */
async function logged(rate: (step: number) => number, name = "run.csv", head = "step,learning_rate,loss") {
  const folder = await Deno.makeTempDir();
  const rows = Array.from({ length: 40 }, (_, k) => `${10 * k},${rate(10 * k)},${(2 / (k + 1)).toFixed(3)}`);
  await Deno.writeTextFile(`${folder}/${name}`, [head, ...rows].join("\n") + "\n");
  return { path: `${folder}/${name}`, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

const { lr: cosine } = buildSchedule(COSINE, { totalSteps: 400, stepsPerEpoch: 20 });

Deno.test("audit: exit code 0 for a log that follows its plan, and for one that is recognised", async () => {
  await using log = await logged(cosine);
  const planned = await run(["audit", log.path, "--plan", PLAN]);
  assert.deepEqual([planned.code, planned.err], [0, ""]);
  assert.match(planned.out, /No defect: every logged rate is the planned one\./);
  const alone = await run(["audit", log.path, "--total", "400"]);
  assert.equal(alone.code, 0);
  assert.match(
    alone.out,
    /No defect: the rates are those of cosine\.[\s\S]+lr 0\.1, minimum 0\.001, length\s+400/,
  );
});

Deno.test("audit: exit code 1 with the defect, its figures, the line that mends it and a thread", async () => {
  await using log = await logged((t) => cosine(Math.min(400, 4 * t)));
  const { code, out } = await run(["audit", log.path, "--plan", PLAN]);
  assert.equal(code, 1);
  assert.match(out, /The scheduler runs several times too fast\./);
  const data = JSON.parse((await run(["audit", log.path, "--plan", PLAN, "--format", "json"])).out);
  const [one] = data.runs;
  assert.deepEqual([data.version, one.verdict, one.defects[0].code], [1, "defect", "too-fast"]);
  assert.match(one.defects[0].what, /4 times as fast as planned/);
  assert.equal(one.defects[0].threads[0], "https://github.com/huggingface/accelerate/issues/2926");
  assert.deepEqual([one.departure.step, one.log.points, one.log.every], [10, 40, 10]);
});

Deno.test("audit: exit code 3 where it cannot tell, with what would decide", async () => {
  await using log = await logged(() => 0.1);
  const { code, out } = await run(["audit", log.path]);
  assert.equal(code, 3);
  assert.match(out, /Cannot tell\.[\s\S]+Suspected: the rate never moves\nTo decide: give --plan/);
});

Deno.test("audit: exit code 4 and one clear sentence for what cannot be used", async () => {
  await using log = await logged(cosine, "run.csv", "step,rate_of_learning,loss");
  await using right = await logged(cosine);
  const mistakes: [string[], RegExp][] = [
    [[`${log.path}x`], /there is no such file or folder/],
    [
      [log.path],
      /no series is named lr or learning_rate; name it with --rate. There are: rate_of_learning, loss/,
    ],
    [
      [right.path, "--rate", "lerning_rate"],
      /there is no series "lerning_rate"; did you mean "learning_rate"\?/,
    ],
    [[right.path, "--metric", "val"], /there is no series "val"/],
    [[right.path, "--plan", '{"name": "step", "lr": 1}'], /^--plan: step needs step_size/],
    [
      [right.path, "--plan", '{"name": "multistep", "lr": 1, "milestones": ["9 steps", "2 steps"]}'],
      /^Cannot use the plan multistep .*: .*milestones must be in ascending order; it is \[9,2\]\n$/,
    ],
    [[right.path, "--plan", '{"name": "cosin"}'], /unknown schedule "cosin"; did you mean "cosine"\?/],
    [
      [right.path, "--plan", '{"name": "cosine", "lr": 0.1, "T_max": "20 epochs"}'],
      /counts in epochs: give the steps in one with --steps-per-epoch/,
    ],
  ];
  for (const [args, message] of mistakes) {
    const { code, out, err } = await run(["audit", ...args]);
    assert.deepEqual([code, out], [4, ""], args.join(" "));
    assert.match(err, message);
    assert.equal(err.trim().split("\n").length, 1);
  }
  assert.equal((await run(["audit", right.path, "--format", "pdf"])).code, 4);
});

Deno.test("audit: --rate names a series, parameter groups of one shape stand as one", async () => {
  const folder = await Deno.makeTempDir();
  const rows = Array.from({ length: 40 }, (_, k) => `${10 * k},${cosine(10 * k)},${cosine(10 * k) / 10}`);
  await Deno.writeTextFile(`${folder}/g.csv`, ["step,lr-AdamW/pg1,lr-AdamW/pg2", ...rows].join("\n"));
  const { code, out } = await run(["audit", `${folder}/g.csv`, "--plan", PLAN, "--format", "json"]);
  const { runs } = JSON.parse(out);
  assert.deepEqual([code, runs.length, runs[0].tag], [0, 1, "lr-AdamW/pg1"]);
  assert.deepEqual(runs[0].notes, ["lr-AdamW/pg2 has the same schedule, times 0.1."]);
  await Deno.remove(folder, { recursive: true });
});

/** Six runs of two optimizers, those of `sgd` four times too fast, each in a folder with its hyperparameters. */
async function sweep() {
  const folder = await Deno.makeTempDir();
  for (const optimizer of ["adam", "sgd"]) {
    for (const seed of [1, 2, 3]) {
      const path = `${folder}/${optimizer}/seed${seed}`;
      await Deno.mkdir(path, { recursive: true });
      const clock = optimizer === "sgd" ? 4 : 1;
      const rows = Array.from({ length: 40 }, (_, k) => `${10 * k},${cosine(Math.min(400, clock * 10 * k))}`);
      await Deno.writeTextFile(`${path}/metrics.csv`, ["step,lr", ...rows, ""].join("\n"));
      await Deno.writeTextFile(`${path}/hparams.yaml`, `optimizer: ${optimizer}\nseed: ${seed}\n`);
    }
  }
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

Deno.test("audit: runs of one path stand in groups, by their folder or a hyperparameter", async () => {
  await using runs = await sweep();
  for (const by of ["folder", "optimizer", "hparam:optimizer"]) {
    const { code, out } = await run([
      "audit",
      runs.folder,
      "--plan",
      PLAN,
      "--group-by",
      by,
      "--format",
      "json",
    ]);
    const found = JSON.parse(out).runs.map((
      { group, run, verdict }: Record<string, string>,
    ) => [group, run!.slice(runs.folder.length), verdict]);
    const expected = ["adam", "sgd"].flatMap((group) =>
      [1, 2, 3].map((seed) => [group, `/${group}/seed${seed}`, group === "sgd" ? "defect" : "clean"])
    );
    assert.deepEqual([code, found], [1, expected], by);
  }
  const { out } = await run(["audit", runs.folder, "--plan", PLAN, "--group-by", "optimizer"]);
  assert.match(out, /adam\s+No defect: every logged rate is the planned one\.\s+3/);
  assert.match(out, /sgd\s+The scheduler runs several times too fast\.\s+3/);
  const wrong = await run(["audit", runs.folder, "--group-by", "optimiser"]);
  assert.deepEqual(wrong.code, 4);
  assert.match(wrong.err, /Cannot group by optimiser: .* did you mean "optimizer"/);
});

Deno.test("audit: of several runs those that cannot be used are noted, and the others audited", async () => {
  await using runs = await sweep();
  await Deno.writeTextFile(`${runs.folder}/sgd/seed1/metrics.csv`, "step,loss\n0,1\n1,2\n");
  await Deno.writeTextFile(`${runs.folder}/sgd/seed2/metrics.csv`, `step,lr\n0,"${"a".repeat(1_000_001)}\n`);
  const { code, out } = await run(["audit", `${runs.folder}/sgd`, "--plan", PLAN, "--format", "json"]);
  const { runs: found, notes } = JSON.parse(out);
  assert.deepEqual([code, found.length], [1, 1]);
  assert.match(notes.join("\n"), /Left out: .*seed1: no series is named lr or learning_rate/);
  assert.match(
    notes.join("\n"),
    /Left out: Cannot read .*seed2.*: a quoted field that is still open in line 2/,
  );
});

Deno.test("audit: Hugging Face's Trainer logs from step 1 the next step's rate, which is no defect", async () => {
  const folder = await Deno.makeTempDir();
  const rate = (s: number) => 5e-5 * (s < 60 ? s / 60 : (600 - s) / 540);
  const log_history = Array.from({ length: 60 }, (_, k) => 10 * (k + 1)).map((step) => ({
    step,
    epoch: step / 50,
    learning_rate: rate(step),
    loss: 2,
  }));
  await Deno.writeTextFile(`${folder}/trainer_state.json`, JSON.stringify({ global_step: 600, log_history }));
  const { code, out } = await run(["audit", folder, "--format", "json"]);
  const { runs } = JSON.parse(out);
  assert.deepEqual([code, runs[0].recognised.family, runs[0].log.steps_per_epoch], [
    0,
    "warmup + linear",
    50,
  ]);
  assert.deepEqual(runs[0].recognised.parameters, { lr: 5e-5, warmup: 60, from: 0, length: 540 });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("audit --format html: one page with the log over the plan, and what mends it folded below", async () => {
  await using log = await logged((t) => 4 * cosine(t));
  const { code, files } = await run([
    "audit",
    log.path,
    "--plan",
    PLAN,
    "--format",
    "html",
    "--out",
    "a.html",
  ]);
  assert.equal(code, 1);
  const page = files["a.html"]!;
  for (
    const text of [
      "Every rate is a multiple of the planned one.",
      "How to mend it",
      "parts from the plan",
      "planned",
    ]
  ) {
    assert.ok(page.includes(text), text);
  }
  assert.match(page, /Content-Security-Policy/);
});

Deno.test("audit: a metric that is logged by epoch is watched on the clock of steps", async () => {
  const metric = Array.from({ length: 30 }, (_, e) => e < 10 ? 1 / (e + 1) : 0.2);
  const lr = metric.map((_, e) => 0.1 ** (1 + Math.floor(Math.max(0, e - 10) / 3)));
  const folder = await Deno.makeTempDir();
  const path = `${folder}/history.json`;
  await Deno.writeTextFile(path, JSON.stringify({ val_loss: metric, lr }));
  const plan = ["--plan", '{"name": "plateau", "lr": 0.1, "patience": 2}', "--metric", "val_loss"];
  for (const epochs of [[], ["--steps-per-epoch", "400"]]) {
    const { code, out } = await run(["audit", path, ...plan, ...epochs]);
    assert.equal(code, 0, out);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("audit: of a folder the runs without rates are left out, and said to be", async () => {
  await using log = await logged(cosine);
  const folder = log.path.replace("/run.csv", "");
  await Deno.writeTextFile(`${folder}/other.csv`, "step,accuracy\n0,0.1\n1,0.2\n");
  const { code, out } = await run(["audit", folder, "--plan", PLAN, "--format", "json"]);
  const { runs, notes } = JSON.parse(out);
  assert.deepEqual([code, runs.length], [0, 1]);
  assert.match(notes[0], /^Left out: .*other\.csv: no series is named lr or learning_rate/);
});

Deno.test("audit: the log of an arm that goes from another is set against the plan at its place in the lineage", async () => {
  const plan = `name: two
dataset: { name: shapes-16, train: 160, validation: 40, test: 40 }
batch_size: 16
duration: 200 steps
arms:
  - { name: base, schedule: { name: constant, lr: 0.1 } }
  - { name: next, from: base, duration: 600 steps, schedule: { name: cosine, lr: 0.1, eta_min: 0.001, T_max: 100% } }
`;
  // Logged every ten steps from step 200 on, as the lab does, or from 0 on, as a script of one's own.
  for (const first of [200, 0]) {
    await using log = await logged((t) => first === 0 || t >= 200 ? cosine(t - first) : NaN);
    const args = ["audit", log.path, "--plan", "plan.yaml#next", "--format", "json"];
    const { code, out } = await run(args, { "plan.yaml": plan });
    const { runs: [one] } = JSON.parse(out);
    assert.deepEqual([code, one.verdict], [0, "clean"], `from ${first}`);
    assert.equal(one.notes.some((note: string) => /step 200 of its lineage/.test(note)), first === 200);
  }
});
