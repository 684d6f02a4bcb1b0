import assert from "node:assert/strict";
import { join } from "node:path";
import { random } from "#lib/prng.ts";
import { judgementFile } from "#results/judgement.ts";
import { recordOf } from "#trackers/tensorboard/records.ts";
import { encodeEvent } from "#trackers/tensorboard/messages.ts";
import { repositoryRoot } from "../support/requires.ts";
import { type Ran, run } from "../support/command.ts";
import { cli } from "../support/cli.ts";

/** Lightning's metrics.csv of a run whose accuracy ends at `end`. */
function lightning(end: number, last = 100, bad = ""): string {
  const rows = Array.from({ length: last / 10 + 1 }, (_, i) => {
    const accuracy = 10 * i === last && bad !== "" ? bad : (end * (1 - Math.exp(-i))).toFixed(6);
    return `${i},${10 * i},${(2 / (1 + i)).toFixed(4)},\n${i},${10 * i},,${accuracy}\n`;
  });
  return `epoch,step,train_loss,val_accuracy\n${rows.join("")}`;
}

async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [path, content] of Object.entries(files)) {
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(join(folder, path), bytes);
  }
  return folder;
}

/** Five runs a group with seeds in their names; what the seed does is the same in both groups. */
function twoGroups(gain: number, noise = 0.002): Record<string, string> {
  const files: Record<string, string> = {};
  for (let seed = 1; seed <= 5; seed++) {
    const shared = 0.02 * random(seed, "seed").normal();
    for (const [group, level] of [["a", 0.7], ["b", 0.7 + gain]] as const) {
      const own = noise * random(seed, group).normal();
      files[`${group}_seed${seed}/metrics.csv`] = lightning(level + shared + own);
    }
  }
  return files;
}

async function judge(files: Readonly<Record<string, string | Uint8Array>>, ...args: string[]): Promise<Ran> {
  const folder = await folderWith(files);
  try {
    const ran = await run(["judge", ...args.map((arg) => arg.replace("@", `${folder}/`))]);
    return {
      ...ran,
      out: ran.out.replaceAll(`${folder}/`, ""),
      err: ran.err.replaceAll(`${folder}/`, ""),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const GROUPS = ["A=@a*", "B=@b*"];
const jsonOf = ({ out }: Ran) => judgementFile.read(out, "judgement.json");

Deno.test("exit codes: better 0, worse 1, no difference that matters 2, open 3, an error 4", async () => {
  const metric = ["--metric", "val_accuracy"];
  assert.equal((await judge(twoGroups(0.03), ...GROUPS, ...metric)).code, 0);
  assert.equal((await judge(twoGroups(-0.03), ...GROUPS, ...metric)).code, 1);
  assert.equal((await judge(twoGroups(0.0), ...GROUPS, ...metric)).code, 2);
  assert.equal((await judge(twoGroups(0.0, 0.05), ...GROUPS, ...metric)).code, 3);
  assert.equal((await judge(twoGroups(0.03), "A=@nothing*", ...metric)).code, 4);
  assert.equal((await judge(twoGroups(0.03), ...GROUPS, "--mode", "sideways")).code, 4);
});

Deno.test("the result as JSON: paired by the seeds in names, by the schema, the last group against the first", async () => {
  const result = jsonOf(
    await judge(twoGroups(0.03), ...GROUPS, "--metric", "val/accuracy", "--format", "json"),
  );
  const [comparison] = result.comparisons;
  assert.deepEqual([comparison!.group, comparison!.against, comparison!.pairing], ["B", "A", "paired"]);
  assert.equal(comparison!.seeds, 5);
  assert.ok(Math.abs(comparison!.difference! - 0.03) < 0.005);
  assert.ok(comparison!.interval![0] > 0.02 && comparison!.interval![1] < 0.04);
  assert.deepEqual([result.decision, result.exit_code, result.margin], ["for", 0, 0.01]);
  assert.deepEqual([result.metric.better, result.metric.better_guessed], ["higher", true]);
  assert.match(result.notes.join("\n"), /val_accuracy is taken for val\/accuracy/);
  assert.match(result.notes.join("\n"), /Seeds of 10 runs are guessed from their names \(a_seed1: 1\)/);
});

Deno.test("a loss is better low, and --pair-by none widens the interval", async () => {
  const files = Object.fromEntries(
    Object.entries(twoGroups(-0.03)).map(([path, text]) => [path, text.replace("val_accuracy", "val_loss")]),
  );
  const paired = jsonOf(await judge(files, ...GROUPS, "--metric", "val_loss", "--format", "json"));
  const unpaired = jsonOf(
    await judge(files, ...GROUPS, "--metric", "val_loss", "--format", "json", "--pair-by", "none"),
  );
  assert.equal(paired.decision, "for");
  const width = ({ comparisons: [one] }: typeof paired) => one!.interval![1] - one!.interval![0];
  assert.ok(width(unpaired) > 3 * width(paired));
  assert.equal(unpaired.comparisons[0]!.pairing, "unpaired");
});

Deno.test("runs that end in NaN or lack the metric have failed; a cut run is left out; each is said", async () => {
  const files = {
    ...twoGroups(0.03),
    "b_seed2/metrics.csv": lightning(0.7, 100, "nan"),
    "b_seed3/metrics.csv": "epoch,step,train_loss\n0,0,1\n",
    "a_seed5/metrics.csv": lightning(0.7, 40),
  };
  const { groups, comparisons, notes } = jsonOf(
    await judge(files, ...GROUPS, "--metric", "val_accuracy", "--format", "json"),
  );
  assert.deepEqual(groups.map(({ failed, finished }) => [failed, finished]), [[0, 4], [2, 3]]);
  assert.deepEqual(comparisons[0]!.failures, {
    ...comparisons[0]!.failures,
    failed: 2,
    runs: 4,
    against_failed: 0,
    against_runs: 4,
  });
  assert.equal(
    comparisons[0]!.decision,
    "open",
    "a group that fails more often is not the better one by chance",
  );
  const said = notes.join("\n");
  assert.match(
    said,
    /B: 2 of 5 runs failed \(\S*b_seed2 val_accuracy is NaN at its end; \S*b_seed3 has no val_accuracy\)/,
  );
  assert.match(
    said,
    /A: 1 of 5 runs left out \(\S*a_seed5 ends at step 40 of 100: it was cut, or still runs\)/,
  );
});

Deno.test("failures decide where they are no chance", async () => {
  const files: Record<string, string> = {};
  for (let seed = 1; seed <= 8; seed++) {
    files[`a_seed${seed}/metrics.csv`] = lightning(0.7 + seed / 1000);
    files[`b_seed${seed}/metrics.csv`] = lightning(0.7, 100, "nan");
  }
  const ran = await judge(files, ...GROUPS, "--metric", "val_accuracy");
  assert.equal(ran.code, 1);
  assert.match(ran.out, /“B” fails in 8 of 8 runs, “A” in 0 of 8/);
});

Deno.test("the same seed twice counts once, by its mean", async () => {
  const files = { ...twoGroups(0.03), "b_again_seed2/metrics.csv": lightning(0.9) };
  const { groups, comparisons, notes } = jsonOf(
    await judge(files, ...GROUPS, "--metric", "val_accuracy", "--format", "json"),
  );
  assert.equal(groups[1]!.runs.length, 6);
  assert.equal(comparisons[0]!.seeds, 5);
  assert.match(notes.join("\n"), /B has 2 runs with seed 2: they count once, by their mean/);
});

Deno.test("event files grouped by a hyperparameter, paired by their seeds", async () => {
  const files: Record<string, Uint8Array> = {};
  for (const [optimizer, level] of [["adam", 0.8], ["sgd", 0.7]] as const) {
    for (const seed of [11, 12, 13]) {
      const hparams = { optimizer, seed };
      const at = (step: number, values: unknown[]) =>
        encodeEvent({ wallTime: 1.7e9 + step, step, content: { kind: "summary", values } } as never);
      const noise = 0.001 * random(seed, optimizer).normal();
      const records = [
        at(0, [{ kind: "hparams start", hparams, group: optimizer, startS: 1.7e9 }]),
        ...[1, 2, 3].map((step) =>
          at(step, [{ kind: "scalar", tag: "eval/accuracy", value: level - 0.1 / step + noise }])
        ),
      ].map(recordOf);
      files[`runs/${optimizer}${seed}/events.out.tfevents.1.host`] = new Uint8Array(
        records.flatMap((record) => [...record]),
      );
    }
  }
  for (const by of ["optimizer", "hparam:optimizer", "group"]) {
    const result = jsonOf(
      await judge(files, "@runs", "--group-by", by, "--metric", "eval/accuracy", "--format", "json"),
    );
    assert.deepEqual(result.groups.map(({ name, runs }) => [name, runs.map(({ seed }) => seed)]), [
      ["adam", ["11", "12", "13"]],
      ["sgd", ["11", "12", "13"]],
    ]);
    assert.equal(result.decision, "against");
    assert.equal(result.groups[0]!.runs[0]!.seed_guessed, false);
  }
  const wrong = await judge(files, "@runs", "--group-by", "optimiser", "--metric", "eval/accuracy");
  assert.match(wrong.err, /Cannot group by optimiser: no run has .* did you mean "optimizer"/);
});

Deno.test("several groups hold together, and --baseline names the one that they are set against", async () => {
  const files: Record<string, string> = { ...twoGroups(0.03) };
  for (let seed = 1; seed <= 5; seed++) files[`c_seed${seed}/metrics.csv`] = lightning(0.6 + seed / 1000);
  const { comparisons, baseline } = jsonOf(
    await judge(files, ...GROUPS, "C=@c*", "--baseline", "B", "--metric", "val_accuracy", "--format", "json"),
  );
  assert.equal(baseline, "B");
  assert.deepEqual(comparisons.map(({ group, decision }) => [group, decision]), [["A", "against"], [
    "C",
    "against",
  ]]);
  const [one] = comparisons;
  assert.ok(one!.interval![0] < one!.interval_uncorrected![0], "widened for two comparisons");
});

Deno.test("copies of the same runs differ in nothing: 2, and not worse", async () => {
  const files: Record<string, string> = {};
  for (let seed = 1; seed <= 3; seed++) {
    files[`a_${seed}.csv`] = files[`b_${seed}.csv`] = lightning(0.7123456 + seed / 997);
  }
  for (const by of ["seed", "none"]) {
    const ran = await judge(
      files,
      ...GROUPS,
      "--metric",
      "val_accuracy",
      "--format",
      "json",
      "--pair-by",
      by,
    );
    const { comparisons: [one], notes } = jsonOf(ran);
    if (by === "seed") {
      assert.equal(ran.code, 2);
      assert.deepEqual([one!.difference, one!.decision], [0, "no difference that matters"]);
      assert.match(notes.join("\n"), /B and A have the same values, run by run/);
    } else assert.notEqual(one!.decision, "against");
  }
});

Deno.test("a number in names that runs of a group share is no seed", async () => {
  const files: Record<string, string> = {};
  for (const [index, name] of ["x", "y", "z"].entries()) {
    files[`a/${name}-lr-1e-3/log.csv`] = lightning(0.7 + index / 500);
    files[`b/${name}-lr-1e-3/log.csv`] = lightning(0.8 + index / 600);
  }
  const { groups, comparisons } = jsonOf(
    await judge(files, "A=@a", "B=@b", "--metric", "val_accuracy", "--format", "json"),
  );
  assert.deepEqual(groups[0]!.runs.map(({ seed }) => seed), [null, null, null]);
  assert.deepEqual([comparisons[0]!.pairing, comparisons[0]!.seeds], ["unpaired", 3]);
});

Deno.test("best value and area under the curve", async () => {
  const csv = (values: number[]) =>
    `step,acc\n${values.map((value, i) => `${10 * i},${value}`).join("\n")}\n`;
  const files = {
    "a1.csv": csv([0.1, 0.9, 0.5]),
    "a2.csv": csv([0.1, 0.8, 0.5]),
    "b1.csv": csv([0.1, 0.3, 0.7]),
    "b2.csv": csv([0.1, 0.3, 0.6]),
  };
  const means = async (value: string) =>
    jsonOf(await judge(files, ...GROUPS, "--metric", "acc", "--format", "json", "--value", value))
      .groups.map(({ mean }) => Number(mean!.toFixed(6)));
  assert.deepEqual(await means("final"), [0.5, 0.65]);
  assert.deepEqual(await means("best"), [0.85, 0.65]);
  assert.deepEqual(await means("auc"), [0.575, 0.3375]);
});

Deno.test("what is wrong is said with what is allowed", async () => {
  const files = twoGroups(0.03);
  const says = async (message: RegExp, ...args: string[]) => {
    const ran = await judge(files, ...args);
    assert.match(ran.err, message);
    assert.equal(ran.code, 4);
  };
  const metric = ["--metric", "val_accuracy"];
  await says(/Cannot judge group A alone: name two groups or more/, "A=@a*", ...metric);
  await says(
    /No run has a metric val_acc.*did you mean "val_accuracy"\? The logs have .*train_loss/,
    ...GROUPS,
    "--metric",
    "val_accurac",
  );
  await says(
    /Name what is compared with --metric\. The logs have epoch, train_loss, val_accuracy/,
    ...GROUPS,
  );
  await says(/Nothing fits .*nothing\*: no file or folder/, "A=@nothing*", ...GROUPS, ...metric);
  await says(/Cannot take "runs" for a group: write NAME=PATH/, "runs", ...metric);
  await says(/a_seed1 is in A and in B: a run belongs to one group/, "A=@a*", "B=@a*", ...metric);
  await says(/No group is called C: the groups are A, B/, ...GROUPS, ...metric, "--baseline", "C");
  await says(/Expected a share from 0\.5 to below 1/, ...GROUPS, ...metric, "--confidence", "95");
  const unknown = Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path, text.replace("val_accuracy", "quality")]),
  );
  assert.match(
    (await judge(unknown, ...GROUPS, "--metric", "quality")).err,
    /Cannot tell from its name whether quality is better higher or lower: say so with --mode max or --mode min/,
  );
  const pickled = await judge({ "a.pkl": Uint8Array.of(0x80, 4, 0x95) }, "A=@a.pkl", ...metric);
  assert.match(pickled.err, /it is a Python pickle; save the history as JSON/);
  assert.match(
    (await judge({ "a/x.bin": "\0" }, "A=@a", ...metric)).err,
    /No run lies in a: none of its files/,
  );
});

Deno.test("the terminal shows the verdict in fewer than 40 lines of 80 columns; --out writes a page", async () => {
  const ran = await judge(twoGroups(0.03), ...GROUPS, "--metric", "val_accuracy", "--out", "report.html");
  const lines = ran.out.split("\n");
  assert.ok(lines.length < 41, String(lines.length));
  assert.ok(lines.every((line) => [...line].length <= 80));
  assert.match(ran.out, /“B” is better than “A” in val_accuracy: \+\d\.\d+ points \[/);
  assert.match(ran.out, /Verdicts: 1 supported/);
  const page = ran.files["report.html"]!;
  assert.match(page, /^<!DOCTYPE html>/i);
  assert.match(page, /How it was judged/);
});

Deno.test("names from logs are escaped in the page and on the terminal", async () => {
  const files = Object.fromEntries(
    Object.entries(twoGroups(0.03)).map((
      [path, text],
    ) => [path, text.replace("val_accuracy", '"<img src=x>\u001b[31m accuracy"')]),
  );
  const args = ["A<script>=@a*", "B=@b*", "--metric", "<img src=x>\u001b[31m accuracy"];
  const ran = await judge(files, ...args, "--out", "r.html");
  assert.equal(ran.code, 0, ran.err);
  assert.ok(!ran.out.includes("\u001b"));
  assert.ok(!ran.files["r.html"]!.includes("<img src=x>") && !ran.files["r.html"]!.includes("A<script>"));
});

Deno.test("the task itself, on the lab's own reader fixtures, with the permissions of deno.json", async () => {
  const data = `${repositoryRoot()}/tests/trackers/data`;
  const { code, stdout, stderr } = await cli("judge", [
    `A=${data}/resumed_1.tfevents`,
    `B=${data}/summary_writer.tfevents`,
    "--metric=eval/accuracy",
    "--format=json",
  ]);
  assert.equal(code, 3, stderr);
  assert.equal(judgementFile.read(stdout, "stdout").comparisons[0]!.verdict.kind, "inconclusive");
});

Deno.test("`seed_everything: true` is no seed; a run by two paths is one run; names of JavaScript's own are no settings", async () => {
  const files = twoGroups(0.05);
  const config = "seed_everything: true\n";
  const unseeded = Object.fromEntries(
    Object.entries(files).flatMap(([path, text]) => {
      const folder = path.replace("seed", "v").replace(/_v(\d)/, "_$1x").replace("/metrics.csv", "");
      return [[`${folder}/metrics.csv`, text], [`${folder}/config.yaml`, config]];
    }),
  );
  const { groups } = jsonOf(await judge(unseeded, ...GROUPS, "--metric", "val_accuracy", "--format", "json"));
  assert.deepEqual(groups.map(({ runs }) => runs.map(({ seed }) => seed)), [
    [null, null, null, null, null],
    [null, null, null, null, null],
  ]);
  const folder = await folderWith(files);
  await Deno.symlink(join(folder, "a_seed1"), join(folder, "b_seed9"));
  const twice = await run(["judge", `A=${folder}/a*`, `B=${folder}/b*`, "--metric", "val_accuracy"]);
  await Deno.remove(folder, { recursive: true });
  assert.equal(twice.code, 4);
  assert.match(twice.err, /b_seed9 is in A and in B: a run belongs to one group/);
  const { code, err } = await judge(files, "@", "--group-by", "constructor", "--metric", "val_accuracy");
  assert.equal(code, 4);
  assert.match(err, /Cannot group by constructor/);
});

Deno.test("one run that failed decides nothing against three that did not", async () => {
  const good = Object.fromEntries(["x", "y", "z"].map((name) => [`b${name}/metrics.csv`, lightning(0.7)]));
  const files = { ...good, "a/metrics.csv": lightning(0.7, 100, "nan") };
  const ran = await judge(files, "A=@a", "B=@b*", "--metric", "val_accuracy", "--format", "json");
  const { comparisons: [one] } = jsonOf(ran);
  assert.deepEqual([ran.code, one!.failures.verdict], [3, "no detectable difference"]);
  assert.deepEqual([one!.failures.failed, one!.failures.against_failed], [0, 1]);
});

Deno.test("an area under curves by step and by epoch is refused; keys of one number are two keys", async () => {
  const byEpoch = "epoch,val_accuracy\n0,0.5\n1,0.6\n2,0.7\n";
  const mixed = Object.fromEntries(
    Object.entries(twoGroups(0)).map(([path, text]) => [path, path.startsWith("b") ? byEpoch : text]),
  );
  const { code, err } = await judge(mixed, ...GROUPS, "--metric", "val_accuracy", "--value", "auc");
  assert.equal(code, 4);
  assert.match(
    err,
    /Cannot take the area under the curve of val_accuracy: some runs are logged by step, others by epoch/,
  );
  const folds: Record<string, string> = {};
  for (const [group, level] of [["a", 0.6], ["b", 0.7]] as const) {
    for (const [index, fold] of ["'1'", "'01'", "'2'", "'3'"].entries()) {
      folds[`${group}/${index}/metrics.csv`] = lightning(level + index / 100);
      folds[`${group}/${index}/hparams.yaml`] = `fold: ${fold}\n`;
    }
  }
  const asked = ["A=@a", "B=@b", "--metric", "val_accuracy", "--pair-by", "fold", "--format", "json"];
  const { comparisons: [one] } = jsonOf(await judge(folds, ...asked));
  assert.deepEqual([one!.pairing, one!.seeds], ["paired", 4]);
});
