import assert from "node:assert/strict";
import type { Experiment } from "#study/compare_experiments.ts";
import { toCsv } from "#report/render/csv.ts";
import { seriesCsv } from "#report/csv/series.ts";
import { experimentFixture } from "../../support/experiment_fixture.ts";
import { pythonPath, requires } from "../../support/requires.ts";

const NAMES = ['drops, "late"', "two\nlines", "=1+1", "-x", "@SUM(A1)", "ünï 🦕", "plain"];
const { summary, records } = experimentFixture({ arms: NAMES, seeds: [1, 2], steps: 40, stepsPerEpoch: 10 });
const [first, ...others] = records;
const probed = {
  ...first!,
  events: [
    ...first!.events.slice(0, -1),
    {
      kind: "probe" as const,
      step: 3,
      gradient_norm: 1.5,
      weight_norm: 10,
      update_norm: 0.1,
      second_moment: null,
      step_rms: 0.9,
      saturated: null,
    },
    {
      kind: "path" as const,
      step: 40,
      from: 0,
      to: 1,
      distance: 2,
      relative_distance: 0.2,
      positions: [0, 0.5, 1],
      losses: [1, 2, 1.5],
    },
    {
      kind: "step" as const,
      step: 40,
      lr: 0.1,
      momentum: 0,
      loss: 0.75,
      loss_components: [
        { name: "dice", weight: 0.5, loss: 1.5 },
        { name: "hausdorff", weight: 0, loss: NaN },
      ],
    },
    {
      kind: "eval" as const,
      step: 40,
      epoch: 4,
      split: "validation" as const,
      loss: 1,
      accuracy: 0.5,
      segmentation: { dice: 0.25, iou: 0.125, hausdorff_95: 3, boundary_f1: null, class_dice: [0.5, 0.25] },
    },
    { kind: "sharpness" as const, step: 40, cycle: 1, radius: 0.05, loss: 1.1, rises: [0.25, 0.5] },
    first!.events.at(-1)!,
  ],
};
const SCORE = { test_accuracy: 0.5, validation_accuracy: 0.25, test_loss: 1.5, validation_loss: 2 };
const [arm, ...otherArms] = summary.arms;
const [run, ...otherRuns] = arm!.runs;
const ensemble = {
  ...SCORE,
  seed: 1,
  kind: "members" as const,
  members: 3,
  steps: 120,
  mean_logits: SCORE,
  weighted: SCORE,
  single: SCORE,
  chosen: SCORE,
  test_accuracy_by_members: [0.4, 0.45, 0.5],
  disagreement: 0.125,
};
const joined = {
  ...arm!,
  runs: [{ ...run!, member: { of: 1, index: 0 }, models: [{ name: "ema", ...SCORE }] }, ...otherRuns],
  ensembles: [ensemble],
};
const EXPERIMENT: Experiment = {
  folder: "runs/a, b",
  summary: { ...summary, arms: [joined, ...otherArms] },
  records: [probed, ...others],
  spec: null,
};

/** The rows of each file as Python's own reader finds them, by column. */
async function readByPython(texts: readonly string[]): Promise<Record<string, string>[][]> {
  const folder = await Deno.makeTempDir();
  const paths = texts.map((_, index) => `${folder}/${index}.csv`);
  await Promise.all(paths.map((path, index) => Deno.writeTextFile(path, texts[index]!)));
  const code = "import csv, json, sys; " +
    "read = lambda path: list(csv.DictReader(open(path, newline='', encoding='utf-8'), strict=True)); " +
    "print(json.dumps([read(path) for path in sys.argv[1:]]))";
  const { stdout, stderr } = await new Deno.Command(pythonPath(), { args: ["-c", code, ...paths] }).output();
  await Deno.remove(folder, { recursive: true });
  assert.equal(new TextDecoder().decode(stderr), "");
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test(
  "Python's csv reads every series back, digit for digit, whatever the names",
  await requires("python3"),
  async () => {
    const files = new Map(seriesCsv([EXPERIMENT]).map((file) => [file.name, file]));
    const rows = new Map<string, Record<string, string>[]>();
    const found = await readByPython([...files.values()].map(({ text }) => text));
    for (const [index, { name, rows: count }] of [...files.values()].entries()) {
      const read = found[index]!;
      assert.equal(read.length, count, name);
      assert.ok(
        read.every((row) => !("null" in row) && Object.values(row).every((value) => value !== null)),
        name,
      );
      rows.set(name, read);
    }
    const told = NAMES.map((name) => /^[=@-]/.test(name) ? `'${name}` : name);
    assert.deepEqual([...new Set(rows.get("steps.csv")!.map(({ arm }) => arm))], told);
    assert.deepEqual([...new Set(rows.get("final.csv")!.map(({ arm }) => arm))], told);

    const steps = EXPERIMENT.records.flatMap(({ events }) => events.filter((event) => event.kind === "step"));
    assert.deepEqual(
      rows.get("steps.csv")!.map((row) =>
        [row["step"], row["learning rate"], row["training loss (nats)"]].map(Number)
      ),
      steps.map(({ step, lr, loss }) => [step, lr, loss]),
      "float64, without a digit lost",
    );
    const evals = EXPERIMENT.records.flatMap(({ events }) => events.filter((event) => event.kind === "eval"));
    assert.deepEqual(
      rows.get("evaluations.csv")!.map((row) => row["split"]),
      evals.map(({ split }) => split),
    );
    assert.equal(rows.get("steps.csv")![0]!["experiment"], "runs/a, b");

    const comparison = summary.comparisons[0]!;
    const [low, high] = comparison.interval!;
    const row = rows.get("comparisons.csv")![0]!;
    assert.deepEqual([row["difference"], row["low"], row["high"]].map(Number), [
      comparison.difference,
      low,
      high,
    ]);
    assert.deepEqual(
      rows.get("answers.csv")!.map(({ verdict }) => verdict),
      summary.answers.map(({ verdict }) => verdict.kind),
    );
    const { arm: _, experiment: __, ...model } = rows.get("models.csv")![0]!;
    assert.deepEqual(Object.values(model), ["1", "ema", "0.5", "0.25", "1.5", "2"]);
    assert.deepEqual(
      Object.values(rows.get("ensembles.csv")![0]!).slice(2),
      ["1", "members", "3", "120", "0.5", "0.25", "1.5", "2", "0.125"],
    );
    assert.equal(rows.get("final.csv")![0]!["member of seed"], "1");
    assert.equal(rows.get("sweep.csv")!.length, 9);
    assert.deepEqual(
      rows.get("sweep.csv")![0]!["arms[1].schedule.milestones"],
      '["33.333%","66.667%","88.889%"]',
    );
    assert.deepEqual(rows.get("tuning.csv")!.filter(({ chosen }) => chosen === "yes").length, 2);
    assert.deepEqual(rows.get("probes.csv")![0]!["second moment"], "");
    assert.deepEqual(
      rows.get("loss_components.csv")!.map((row) => Object.values(row).slice(-4)),
      [["40", "dice", "0.5", "1.5"], ["40", "hausdorff", "0", ""]],
    );
    const masks = rows.get("evaluations.csv")!.find((row) => row["Dice (share)"] !== "")!;
    assert.deepEqual(Object.values(masks).slice(-6), ["0.25", "0.125", "3", "", "", ""]);
    assert.deepEqual(rows.get("paths.csv")!.map((found) => found["loss (nats)"]), ["1", "2", "1.5"]);
    assert.deepEqual(rows.get("sharpness.csv")!.map((found) => found["rise (nats)"]), ["0.25", "0.5"]);
  },
);

Deno.test("text that a spreadsheet would run gets an apostrophe, numbers never do", () => {
  assert.equal(
    toCsv(["a"], [["=1"], ["+1"], ["-1"], ["@a"], ["\tx"], ["\rx"], [-1], ["a=1"]]),
    `a\r\n'=1\r\n'+1\r\n'-1\r\n'@a\r\n'\tx\r\n"'\rx"\r\n-1\r\na=1\r\n`,
  );
});
