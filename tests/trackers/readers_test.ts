import assert from "node:assert/strict";
import fc from "fast-check";
import { formatOf, FORMATS } from "#trackers/catalog.ts";
import { MOST_COLUMNS } from "#trackers/csv/format.ts";
import { TrackerError } from "#trackers/model.ts";
import { MOST_SERIES } from "#trackers/output.ts";
import { MOST_POINTS, SeriesCollector } from "#trackers/series.ts";
import { LONG } from "../support/long.ts";
import { repositoryRoot } from "../support/requires.ts";
import { maskedCrc32c } from "#trackers/tensorboard/crc32c.ts";
import { fileOf, read, recordsOf } from "./bytes.ts";

const DATA = `${repositoryRoot()}/tests/trackers/data/`;
const data = (name: string) => Deno.readFileSync(DATA + name);

/** A file of each format: written by the framework's own class where `data/` has it (`data/write_logs.py`). */
const FILES = {
  tensorboard: data("summary_writer.tfevents"),
  "trainer-state": data("trainer_state.json"),
  "keras-history": data("keras_history.json"),
  "lr-lab": '{"kind":"step","step":0,"lr":0.1,"momentum":0.9,"loss":2.3}\n' +
    '{"kind":"step","step":1,"lr":0.05,"momentum":0.9,"loss":null}\n' +
    '{"kind":"eval","step":2,"epoch":1,"split":"test","loss":1.5,"accuracy":0.4}\n' +
    '{"kind":"ended","step":2,"reason":"diverged","detail":null,"ms_per_step":1}\n',
  "json-lines": '{"step":0,"loss":2.5,"eval":{"acc":0.1}}\n{"step":10,"loss":NaN,"eval":{"acc":0.3}}\n',
  json: '[{"step": 0, "loss": 2.5}, {"step": 10, "loss": "NaN"}]',
  csv: data("lightning_metrics.csv"),
} as const;

const asBytes = (content: string | Uint8Array) =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

Deno.test("every format is recognised by its content, and by no other format's reader", () => {
  assert.deepEqual(Object.keys(FILES).sort(), FORMATS.map(({ name }) => name).sort());
  for (const [name, content] of Object.entries(FILES)) assert.equal(formatOf(asBytes(content))?.name, name);
});

Deno.test("every format reads the same records from chunks of any size", async () => {
  for (const [name, content] of Object.entries(FILES)) {
    const whole = await read(content);
    assert.ok(whole.runs[0]!.series.size > 0, name);
    for (const size of [1, 2, 7, 13, 64]) {
      assert.deepEqual((await read(content, size)).runs, whole.runs, name);
    }
  }
});

Deno.test("PyTorch's SummaryWriter: scalars with steps and times, hparams, text passed over", async () => {
  const { runs: [run], points, notes } = await read(FILES.tensorboard);
  const [steps, losses] = points("train/loss");
  assert.deepEqual(steps, Array.from({ length: 20 }, (_, i) => 10 * i));
  assert.equal(losses[5], Math.fround(2 / (1 + 50 / 50) + 0.01));
  assert.equal(run!.series.get("lr")!.wallTimes[3], 1_700_000_030);
  assert.deepEqual(run!.settings, { lr: 0.1, seed: 1, name: "cosine", nesterov: 1 });
  assert.deepEqual([...run!.series.keys()], ["train/loss", "lr", "eval/accuracy", "hparam/accuracy"]);
  assert.deepEqual(notes, []);
});

Deno.test("trainer_state.json by transformers' own TrainerState, with a NaN", async () => {
  const { runs: [run], points } = await read(FILES["trainer-state"]);
  assert.deepEqual(points("learning_rate")[0], [10, 20, 30, 40, 50, 60]);
  assert.equal(points("learning_rate")[1][2], 2.5e-5);
  assert.deepEqual(points("eval_accuracy"), [[30, 60], [0.65, 0.8]]);
  assert.deepEqual(points("eval_loss")[1], [0.7, NaN]);
  assert.equal(run!.settings.max_steps, 60);
});

Deno.test("metrics.csv by Lightning's own CSVLogger, with its blanks", async () => {
  const { points } = await read(FILES.csv);
  assert.deepEqual(points("lr-SGD")[0], [0, 10, 20, 30, 40, 50]);
  assert.deepEqual(points("val_acc"), [[29, 59], [0.6, 0.75]]);
});

Deno.test("Keras: History and CSVLogger's file, by epoch", async () => {
  for (const name of ["keras_history.json", "keras.csv"]) {
    const { runs: [run], points } = await read(data(name));
    assert.deepEqual(points("learning_rate"), [[0, 1, 2, 3], [0.1, 0.05, 0.1 / 3, 0.025]]);
    assert.equal(run!.series.get("loss")!.unit, "epoch");
  }
  const { points } = await read('{"loss": {"0": 0.9, "1": 0.5}}');
  assert.deepEqual(points("loss"), [[0, 1], [0.9, 0.5]]);
});

Deno.test("the lab's own events: a loss that is not finite is NaN, and a run says that it diverged", async () => {
  const { runs: [run], points } = await read(FILES["lr-lab"]);
  assert.deepEqual(points("training_loss"), [[0, 1], [2.3, NaN]]);
  assert.deepEqual(points("test_accuracy"), [[2], [0.4]]);
  assert.equal(run!.settings.ended, "diverged");
});

Deno.test("W&B: a chart of several runs, a history with pandas' index, a table of runs", async () => {
  const chart = await read(
    '"Step","a-1 - eval/acc","a-1 - eval/acc__MIN","a-1 - eval/acc__MAX","b - x - eval/acc","b - x - eval/acc__MIN",' +
      '"b - x - eval/acc__MAX"\n"0","0.1","0.1","0.1","","",""\n"10","0.2","0.2","0.2","0.3","0.3","0.3"',
  );
  assert.deepEqual(chart.runs.map(({ name, series }) => [name, [...series.get("eval/acc")!.values]]), [
    ["a-1", [0.1, 0.2]],
    ["b - x", [0.3]],
  ]);
  const history = await read(
    ",_step,_runtime,_timestamp,loss\n0,0,1.5,1700000000,2.5\n1,5,3.5,1700000002,1.5\n",
  );
  assert.deepEqual(history.points("loss"), [[0, 5], [2.5, 1.5]]);
  assert.equal(history.runs[0]!.series.get("loss")!.wallTimes[1], 1_700_000_002);
  assert.deepEqual([...history.runs[0]!.series.keys()], ["_runtime", "loss"]);
  const table = await read(
    'Name,State,seed,optimizer,accuracy\nr1,finished,1,adam,0.7\nr2,crashed,2,adam,""\n',
  );
  assert.deepEqual(table.runs.map(({ name, settings }) => [name, settings.seed, settings.optimizer]), [
    ["r1", 1, "adam"],
    ["r2", 2, "adam"],
  ]);
  assert.equal(table.runs[1]!.series.has("accuracy"), false);
});

Deno.test("long tables: tag and value, several runs, milliseconds", async () => {
  const { runs } = await read(
    "run_id,key,value,step,timestamp\nx,loss,2,0,1700000000000\nx,acc,0.1,0,1700000000000\ny,loss,1,0,1700000001500\n",
  );
  assert.deepEqual(runs.map(({ name, series }) => [name, [...series.keys()]]), [["x", ["loss", "acc"]], [
    "y",
    ["loss"],
  ]]);
  assert.equal(runs[1]!.series.get("loss")!.wallTimes[0], 1_700_000_001.5);
});

Deno.test("CSV: semicolons, a byte order mark, quoted names, Windows line ends, NaN and infinities", async () => {
  const { points } = await read('\ufeffstep;"loss; ""train"""\r\n0;1.5\r\n1;nan\r\n2;-inf\r\n');
  assert.deepEqual(points('loss; "train"'), [[0, 1, 2], [1.5, NaN, -Infinity]]);
});

Deno.test("steps that go back are a restart: later points replace those of the same and later steps", async () => {
  const { points, notes } = await read("step,loss\n0,3\n10,2\n20,1\n10,1.9\n20,0.9\n30,0.5\n");
  assert.deepEqual(points("loss"), [[0, 10, 20, 30], [3, 1.9, 0.9, 0.5]]);
  assert.match(notes[0]!, /^steps go back .*: 2 points of loss were replaced/);
});

Deno.test("of a long series some points are kept, and the last one always", () => {
  const points = (from: number, count: number) => {
    const steps = Float64Array.from({ length: count }, (_, k) => from + k);
    return {
      kind: "points",
      run: null,
      tag: "loss",
      unit: "step",
      steps,
      wallTimes: steps,
      values: steps,
    } as const;
  };
  const collected = (count: number) => {
    const collector = new SeriesCollector("loss", "step", false);
    for (let from = 0; from < count; from += 100_000) {
      collector.add(points(from, Math.min(100_000, count - from)));
    }
    return collector;
  };
  const longest = LONG ? [5 * MOST_POINTS + 7] : [];
  for (const count of [MOST_POINTS, MOST_POINTS + 1, 2 * MOST_POINTS + 3, ...longest]) {
    const { steps, values, every } = collected(count).series();
    assert.equal(values.at(-1), count - 1, String(count));
    assert.ok(steps.length <= MOST_POINTS + 1 && steps.length > MOST_POINTS / 3 && every <= 8);
    assert.deepEqual(steps.slice(0, 2), Float64Array.of(every - 1, 2 * every - 1));
    assert.ok(steps.at(-1)! > steps.at(-2)!);
  }
  // A restart takes the last one back too.
  const collector = collected(MOST_POINTS + 1);
  collector.cutFrom(MOST_POINTS - 5);
  assert.ok(collector.series().steps.at(-1)! < MOST_POINTS - 5);
});

Deno.test("SummaryWriter with purge_step: points of the lost steps are taken back", async () => {
  const joined = new Uint8Array([...data("resumed_1.tfevents"), ...data("resumed_2.tfevents")]);
  const { points } = await read(joined);
  const [steps, losses] = points("train/loss");
  assert.deepEqual(steps, Array.from({ length: 20 }, (_, i) => 10 * i));
  assert.equal(losses[11], Math.fround(2 / (1 + 110 / 50) + 0.02));
});

Deno.test("a file that is cut anywhere is read up to there, and said to be cut", async () => {
  const isSaid: Record<string, boolean> = {};
  for (const [name, content] of Object.entries(FILES)) {
    const bytes = asBytes(content);
    const whole = await read(bytes);
    for (let length = Math.floor(bytes.length / 2); length < bytes.length; length += 29) {
      const cut = bytes.subarray(0, length);
      if (formatOf(cut)?.name !== name) continue;
      const { runs, notes } = await read(cut);
      for (const [tag, { steps, values }] of runs[0]?.series ?? []) {
        const all = whole.runs[0]!.series.get(tag)!;
        // A number in the last line of a CSV may be cut itself.
        const sure: number = name === "csv" ? steps.length - 1 : steps.length;
        assert.deepEqual([...values.subarray(0, sure)], [...all.values.subarray(0, sure)], `${name} ${tag}`);
      }
      const isBetweenRecords = notes.length === 0;
      if (!isBetweenRecords) assert.match(notes[0]!, /ends in the middle/, `${name} at ${length}`);
      isSaid[name] ||= !isBetweenRecords;
    }
    assert.ok(isSaid[name], name);
  }
});

Deno.test("an event file with a wrong checksum is used up to there", async () => {
  const bytes = FILES.tensorboard.slice();
  bytes[1000]! ^= 1;
  const { notes, points } = await read(bytes);
  assert.match(
    notes[0]!,
    /is damaged at byte \d+: the CRC of a record's (?:data|length) does not fit; the \d+ records/,
  );
  assert.ok(points("train/loss")[0].length > 3);
});

Deno.test("a length field of 2^60 bytes costs nothing: the file is cut there", async () => {
  const head = new Uint8Array(12);
  new DataView(head.buffer).setBigUint64(0, 2n ** 60n, true);
  new DataView(head.buffer).setUint32(8, maskedCrc32c(head, 0, 8), true);
  const first = FILES.tensorboard.slice();
  const { notes, points } = await read(new Uint8Array([...first, ...head, ...new Uint8Array(100)]));
  assert.equal(points("train/loss")[0].length, 20);
  assert.match(notes.join("\n"), /above 16 MiB .*passed over/);
  assert.match(notes.join("\n"), /ends in the middle of a record/);
});

const REFUSED: [name: string, content: string | Uint8Array, message: RegExp][] = [
  [
    "gzip",
    Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0),
    /it is a gzip archive; unpack it.*What is read: TensorBoard event file,/,
  ],
  ["zip", "PK\x03\x04....", /it is a zip archive/],
  ["pickle", Uint8Array.of(0x80, 0x04, 0x95, 0), /it is a Python pickle; save the history as JSON/],
  ["W&B's own", ":W&B\x01\x02", /export its history as CSV/],
  ["binary", Uint8Array.of(1, 2, 3, 0, 5), /binary data of no known kind/],
  ["UTF-16", Uint8Array.of(0xff, 0xfe, 0x61, 0), /UTF-16; save it as UTF-8/],
  ["a text", "Epoch 1 done\nEpoch 2 done\n", /text without a header of two columns/],
  ["other JSON", '{\n "name": "x",\n "version": 3\n}', /it is JSON, but neither/],
  ["empty", "", /it is empty/],
  ["JSON lines, damaged", '{"step":0,"loss":1}\n{"step":1,"lo\n{"step":2,"loss":1}\n', /line 2 is no JSON/],
  [
    "JSON lines with a list",
    '{"step":0,"loss":1}\n{"step":1}\n[1]\n',
    /line 3 is a list, and each line is to be an object/,
  ],
  [
    "a damaged list",
    '[{"step":0,"loss":1},{"step":1 "loss":2},{}]',
    /element 1 of its top \(at byte 21\) is no JSON/,
  ],
  ["a million columns", `step,${"a,".repeat(1_000_000)}b\n`, /has 1000002 columns; at most 20000 are read/],
  [
    "more series than are held",
    Array.from({ length: MOST_SERIES + 1 }, (_, i) => `{"step":0,"m${i}":1}\n`).join(""),
    /more than 20000 series/,
  ],
  ["a line of 17 MB", `step,loss\n0,${"1".repeat(17 * 2 ** 20)}\n`, /line 2 has more than 16 MiB/],
];

Deno.test("what cannot be read is refused with what it is, where, and what is read", async () => {
  for (const [name, content, message] of REFUSED) {
    await assert.rejects(() => recordsOf(fileOf(content)), (error: Error) => {
      assert.ok(error instanceof TrackerError, `${name}: ${error.stack}`);
      assert.match(error.message, /^Cannot read run\/log: /);
      assert.match(error.message, message, name);
      return true;
    }, name);
  }
  assert.equal(MOST_COLUMNS, 20_000);
});

Deno.test("rows of another length are left out and counted", async () => {
  const { points, notes } = await read("step,loss\n0,3\n10\n20,1,5\n30,2\n");
  assert.deepEqual(points("loss"), [[0, 30], [3, 2]]);
  assert.match(
    notes[0]!,
    /has 2 rows with another number of fields than the 2 of its header, the first in line 3 \(1\)/,
  );
});

Deno.test("what would take memory or time without end is refused: quotes that stay open, endless tags, long names", async () => {
  const rows = (line: string, count: number) => `step,loss,note\n0,2,"begins\n${`${line}\n`.repeat(count)}`;
  const started = performance.now();
  await assert.rejects(read(rows('","', 300_000)), /over more than 1000000 characters/);
  await assert.rejects(read(rows("words without a quote", 60_000)), /over more than 1000000 characters/);
  assert.equal((await read(`${rows("more", 3)}ends"\n1,1,b\n`)).points("loss")[1].length, 2);
  await assert.rejects(read(`step,${"a".repeat(10_001)}\n0,1\n`), /has a name of 10001 characters/);
  const ends = '{"kind":"ended","step":2,"reason":"budget","detail":null,"ms_per_step":1}\n'.repeat(20_001);
  await assert.rejects(read(ends), /settings of more than 20000 runs/);
  // Keys that differ in each row are forgotten again, and make no series.
  const keys = Array.from({ length: 3000 }, (_, k) => `{"step": ${k}, "loss": ${k}, "k${k}": "text"}\n`).join(
    "",
  );
  assert.equal((await read(keys)).points("loss")[0].length, 3000);
  assert.ok(performance.now() - started < 20_000);
});

Deno.test("random bytes behind a valid beginning end in records or in a message, never in another error", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.values(FILES)),
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(500),
      async (content, noise, at) => {
        const bytes = asBytes(content).slice();
        bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
        try {
          await recordsOf(fileOf(bytes, 64));
        } catch (error) {
          assert.ok(error instanceof TrackerError, `${(error as Error).stack}`);
        }
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("CSV: a quoted field over many lines, or one in every line, is read in the time of one pass", async () => {
  const open = await read('step,loss,note\n1,2,"' + "\n".repeat(100_000) + '"\n2,1,x\n');
  assert.deepEqual(open.points("loss"), [[1, 2], [2, 1]]);
  const reopened = await read('a,b\n1,"' + '","\n'.repeat(50_000));
  assert.match(reopened.notes[0]!, /ends inside of a quoted field/);
  const pairs = 'a,b\n1,"' + '""\n'.repeat(400_000);
  await assert.rejects(
    () => read(pairs),
    /a quoted field that is still open in line \d+ goes on over more than 1000000/,
  );
});

Deno.test("CSV: numbers with a decimal comma are refused, not taken for texts", async () => {
  await assert.rejects(
    () => read("step;loss\n0;2\n10;1,5\n"),
    /line 3 has 1,5, a number with a decimal comma; export it with decimal points/,
  );
  const layers = await read("step\tloss\tlayers\n0\t2.5\t64,128\n");
  assert.deepEqual(layers.points("loss"), [[0], [2.5]]);
});
