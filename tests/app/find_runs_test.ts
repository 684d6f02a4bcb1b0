import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { findRuns, pathsOf } from "#app/trackers/find_runs.ts";
import { readRun } from "#app/trackers/read_run.ts";
import { repositoryRoot } from "../support/requires.ts";

const DATA = `${repositoryRoot()}/tests/trackers/data`;

/** A folder with files: texts, or copies of the readers' fixtures (`=summary_writer.tfevents`). */
async function inFolder(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [path, content] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
      if (content.startsWith("=")) await Deno.copyFile(join(DATA, content.slice(1)), join(folder, path));
      else await Deno.writeTextFile(join(folder, path), content);
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The runs below a folder: their paths in it, and the names of their files. */
async function runsIn(folder: string): Promise<Record<string, string[]>> {
  const runs = await findRuns(folder);
  return Object.fromEntries(
    runs.map(({ path, files }) => [
      path.slice(folder.length + 1) || ".",
      files.map(({ file, prefix }) => prefix + file.path.slice(path.length + 1)),
    ]),
  );
}

Deno.test("several event files of a folder are one run; folders of hparams and of splits belong to it", async () => {
  const files = {
    "s1/events.1": "=resumed_1.tfevents",
    "s1/events.2": "=resumed_2.tfevents",
    "s1/1700000000.123/events.3": "=summary_writer.tfevents",
    "s2/train/events.1": "=resumed_1.tfevents",
    "s2/validation/events.1": "=resumed_1.tfevents",
    "s2/model.bin": "\0\0\0",
    "notes.md": "# A title\n",
    "predictions.csv": "label,predicted\n1,1\n",
  };
  await inFolder(files, async (folder) => {
    assert.deepEqual(await runsIn(folder), {
      s1: ["1700000000.123/events.3", "events.1", "events.2"],
      s2: ["train/events.1", "validation/validation/events.1"],
    });
    const [, second] = await findRuns(folder);
    const { runs: [run] } = await readRun(second!);
    assert.ok(run!.series.has("train/loss") && run!.series.has("validation/train/loss"));
  });
});

Deno.test("of Hugging Face's checkpoints the last state is read, and its event files only elsewhere", async () => {
  const state = await Deno.readTextFile(`${DATA}/trainer_state.json`);
  const files = {
    "out/checkpoint-30/trainer_state.json": state.replace(/,\s*\{[^{}]*"step": 60[^{}]*\}/g, ""),
    "out/checkpoint-60/trainer_state.json": state,
    "out/checkpoint-60/tokenizer_config.json": '{\n  "model_max_length": 512\n}\n',
    "out/runs/Nov28_host/events.1": "=summary_writer.tfevents",
    "other/runs/events.1": "=summary_writer.tfevents",
  };
  await inFolder(files, async (folder) => {
    assert.deepEqual(await runsIn(folder), {
      "other/runs": ["events.1"],
      out: ["checkpoint-60/trainer_state.json"],
    });
  });
});

Deno.test("each table of a folder is a run; the only one is the folder's own", async () => {
  const table = "step,loss\n0,1\n";
  await inFolder({ "a/s1.csv": table, "a/s2.csv": table, "b/log.csv": table }, async (folder) => {
    assert.deepEqual(Object.keys(await runsIn(folder)), ["a/s1.csv", "a/s2.csv", "b"]);
  });
});

Deno.test("settings beside a log; of a series that two formats have the first is taken, not both", async () => {
  const files = {
    "v0/metrics.csv": "epoch,step,train/loss\n0,0,7\n0,10,5\n",
    "v0/events.1": "=summary_writer.tfevents",
    "v0/hparams.yaml": "seed: 7\nmodel: {name: !!python/object:a.B cnn, depth: 3}\n",
    "lab/events.jsonl": '{"kind":"step","step":0,"lr":0.1,"momentum":0.9,"loss":2}\n',
    "lab/run.json": '{"version": 2, "plan": {"arm": "cosine", "seed": 4}}',
  };
  await inFolder(files, async (folder) => {
    const [lab, version] = await Promise.all((await findRuns(folder)).map((run) => readRun(run)));
    assert.deepEqual(lab!.runs[0]!.settings, { arm: "cosine", seed: 4 });
    const [run] = version!.runs;
    assert.equal(run!.settings["model.depth"], 3);
    assert.equal(run!.settings.seed, 1, "the log's own word comes before that of a file beside it");
    assert.equal(run!.series.get("train/loss")!.values.length, 20);
  });
});

Deno.test("patterns are put in order with numbers counted, and a path without a pattern stays as it is", async () => {
  await inFolder({ "r10.csv": "a", "r2.csv": "a", "r[1].csv": "a" }, async (folder) => {
    assert.deepEqual(
      await pathsOf(`${folder}/r?*.csv`),
      ["r[1]", "r2", "r10"].map((name) => `${folder}/${name}.csv`),
    );
    assert.deepEqual(await pathsOf(`${folder}/r[1].csv`), [`${folder}/r[1].csv`]);
    assert.deepEqual(await pathsOf(`${folder}/none`), [`${folder}/none`]);
    await assert.rejects(pathsOf(`${folder}/x*`), /Nothing fits .*x\*: no file or folder has such a name/);
    await assert.rejects(findRuns(`${folder}/none`), /Cannot read .*none: there is no such file or folder/);
  });
});

Deno.test("a pipe is refused without being opened, which would wait for a writer", async () => {
  await inFolder({}, async (folder) => {
    const pipe = join(folder, "log.csv");
    const made = await new Deno.Command("mkfifo", { args: [pipe] }).output();
    assert.ok(made.success);
    await assert.rejects(() => findRuns(pipe), /it is a pipe or a device; save it as a file first/);
  });
});
