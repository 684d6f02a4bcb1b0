import assert from "node:assert/strict";
import fc from "fast-check";
import type { TrainEvent } from "#train/events.ts";
import { crc32c } from "#trackers/tensorboard/crc32c.ts";
import { encodeEvent, type EventContent } from "#trackers/tensorboard/messages.ts";
import { recordOf, recordsIn } from "#trackers/tensorboard/records.ts";
import { encodeEvents, OPENING_RECORDS, openingOf, wallTimesOf } from "#trackers/tensorboard/run_events.ts";
import { PLAN } from "../../support/run_fixture.ts";
import { EVENT, HPARAMS, type Message, readMessage } from "./wire.ts";

const GOLDEN = new URL("../../golden/tensorboard/events.out.tfevents.1795866969.pytorch", import.meta.url);

const eventsIn = (bytes: Uint8Array) => Array.from(recordsIn(bytes), (data) => readMessage(data, EVENT));
const valuesOf = (event: Message) =>
  (event["summary"] as Message[]).flatMap((summary) => summary["value"] as Message[]);

Deno.test("CRC-32C has the values of RFC 3720, B.4", () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, at) => 31 - at)), 0x113fdb5c);
});

Deno.test("events are, byte for byte, those that PyTorch's SummaryWriter writes", async () => {
  const golden = await Deno.readFile(GOLDEN);
  const [{ wall_time }] = eventsIn(golden) as [Message];
  const scalar = (tag: string, value: number): EventContent => ({
    kind: "summary",
    values: [{ kind: "scalar", tag, value }],
  });
  const restart: EventContent = {
    kind: "summary",
    values: [{
      kind: "text",
      tag: "restart/text_summary",
      text: "Warm restart: cycle 2 begins at step 300.",
    }],
  };
  const events = [
    {
      wallTime: wall_time![0] as number,
      step: 0,
      content: { kind: "file version", writer: "tensorboard.summary.writer.event_file_writer" },
    },
    { wallTime: 1700000000.25, step: 0, content: scalar("train/loss", 2.302585) },
    { wallTime: 1700000000.5, step: 1, content: scalar("train/loss", NaN) },
    { wallTime: 1700000001, step: 300, content: scalar("train/learning_rate", 0.05) },
    { wallTime: 1700000001.5, step: 300, content: restart },
  ] as const;
  const written = events.flatMap((event) => [...recordOf(encodeEvent(event))]);
  assert.deepEqual(written, [...golden]);
});

const EVENTS: TrainEvent[] = [
  { kind: "step", step: 0, lr: 0.1, momentum: 0.9, loss: 2.3, gradient_norm: 1.5, groups: [0.01, null] },
  { kind: "step", step: 1, lr: 1e-42, momentum: 0.9, loss: 1e300 },
  { kind: "restart", step: 2, cycle: 1 },
  { kind: "snapshot", step: 2, cycle: 0, path: "snapshots/cycle-0.safetensors" },
  { kind: "eval", step: 2, epoch: 0.5, split: "validation", loss: 2.2, accuracy: 0.25 },
  { kind: "eval", step: 2, epoch: 0.5, split: "test", weights: "cycle/2", loss: NaN, accuracy: 0.125 },
  {
    kind: "probe",
    step: 2,
    gradient_norm: 1,
    weight_norm: 2,
    update_norm: 3,
    second_moment: null,
    step_rms: 4,
    saturated: null,
  },
  {
    kind: "path",
    step: 2,
    from: "start",
    to: "end",
    distance: 7,
    relative_distance: 1,
    positions: [0, 1],
    losses: [2, 1],
  },
  { kind: "sharpness", step: 2, cycle: 0, radius: 0.1, loss: 1, rises: [0.25, 0.75] },
  { kind: "ended", step: 2, reason: "diverged", detail: "the loss is NaN", ms_per_step: 2 },
];

Deno.test("every event of a run is one record: curves, texts, the end with its status", () => {
  const read = eventsIn(encodeEvents(EVENTS, (index) => 1000 + index));
  assert.equal(read.length, EVENTS.length);
  assert.deepEqual(read.map(({ wall_time }) => wall_time![0]), EVENTS.map((_, index) => 1000 + index));
  assert.deepEqual(read.map(({ step = [0] }) => step[0]), EVENTS.map(({ step }) => step));
  const scalars = read.flatMap(valuesOf).filter(({ simple_value }) => simple_value)
    .map(({ tag, simple_value }) => [tag![0], simple_value![0]]);
  assert.deepEqual(scalars, [
    ["train/loss", Math.fround(2.3)],
    ["train/learning_rate", Math.fround(0.1)],
    ["train/momentum", Math.fround(0.9)],
    ["train/gradient_norm", 1.5],
    ["train/learning_rate/group_0", Math.fround(0.01)],
    ["train/loss", Infinity],
    ["train/learning_rate", Math.fround(1e-42)],
    ["train/momentum", Math.fround(0.9)],
    ["validation/loss", Math.fround(2.2)],
    ["validation/accuracy", 0.25],
    ["test/cycle/2/loss", NaN],
    ["test/cycle/2/accuracy", 0.125],
    ["probe/gradient_norm", 1],
    ["probe/weight_norm", 2],
    ["probe/update_norm", 3],
    ["probe/step_rms", 4],
    ["sharpness/loss", 1],
    ["sharpness/rise", 0.5],
    ["run/ms_per_step", 2],
  ]);
  const texts = read.flatMap(valuesOf).flatMap(({ tag, tensor }) =>
    (tensor as Message[] | undefined ?? []).map(({ string_val }) => [tag![0], string_val![0]])
  );
  assert.deepEqual(texts, [
    ["restart/text_summary", "Warm restart: cycle 1 begins at step 2."],
    ["snapshot/text_summary", "Weights at the end of cycle 0: `snapshots/cycle-0.safetensors`."],
    [
      "path/text_summary",
      "Validation loss on the line from start to end, 7 apart\n\n| position | loss |\n| --- | --- |\n| 0 | 2 |\n| 1 | 1 |",
    ],
    ["end/text_summary", "Ended after 2 steps by diverged: the loss is NaN"],
  ]);
  const end = hparamsIn(read.at(-1)!);
  assert.deepEqual(end["end"], [{ status: [2], end_time_secs: [1009] }]);
});

Deno.test("components of a loss have curves of their weights and losses, and masks those of their scores", () => {
  const events: TrainEvent[] = [
    {
      kind: "step",
      step: 0,
      lr: 0.5,
      momentum: 0,
      loss: 1,
      loss_components: [{ name: "dice", weight: 0.5, loss: 2 }, { name: "focal", weight: 0, loss: NaN }],
    },
    {
      kind: "eval",
      step: 1,
      epoch: 1,
      split: "validation",
      loss: 1,
      accuracy: 0.5,
      segmentation: { dice: 0.25, iou: 0.125, hausdorff_95: 3, boundary_f1: null, class_dice: [0.75, null] },
    },
  ];
  const scalars = eventsIn(encodeEvents(events, () => 0)).flatMap(valuesOf)
    .map(({ tag, simple_value }) => [tag![0], simple_value![0]]);
  assert.deepEqual(scalars, [
    ["train/loss", 1],
    ["train/learning_rate", 0.5],
    ["train/momentum", 0],
    ["train/loss_weight/dice", 0.5],
    ["train/loss_weight/focal", 0],
    ["train/loss/dice", 2],
    ["validation/loss", 1],
    ["validation/accuracy", 0.5],
    ["validation/dice", 0.25],
    ["validation/iou", 0.125],
    ["validation/hausdorff_95", 3],
    ["validation/dice/class_0", 0.75],
  ]);
});

function hparamsIn(event: Message): Message {
  const value = valuesOf(event).find(({ tag }) => String(tag![0]).startsWith("_hparams_"))!;
  const [metadata] = value["metadata"] as [Message];
  const [plugin] = metadata["plugin_data"] as [Message];
  assert.deepEqual(plugin["plugin_name"], ["hparams"]);
  return readMessage(plugin["content"]![0] as Uint8Array, HPARAMS);
}

Deno.test("a file opens with its version, the first step, and the run's settings with the arm as their group", () => {
  const plan = { ...PLAN, first_step: 4, loss: { name: "focal", gamma: 2 } as const };
  const read = eventsIn(openingOf(plan, 1700000000));
  assert.equal(read.length, OPENING_RECORDS);
  assert.deepEqual(read[0]!["file_version"], ["brain.Event:2"]);
  assert.deepEqual(read[0]!["source_metadata"], [{ writer: ["lr-lab"] }]);
  assert.deepEqual(read[1]!["session_log"], [{ status: [1] }]);
  assert.deepEqual(read[1]!["step"], [4]);
  const [start] = hparamsIn(read[2]!)["start"] as [Message];
  assert.deepEqual(start!["group_name"], ["a"]);
  assert.deepEqual(start!["start_time_secs"], [1700000000]);
  const settings = Object.fromEntries((start!["hparams"] as Message[]).map(({ key, value }) => {
    const [only] = Object.values((value as Message[])[0]!);
    return [key![0], only![0]];
  }));
  assert.deepEqual(settings, {
    arm: "a",
    seed: 1,
    model: "cnn-small",
    batch_size: 16,
    total_steps: 9,
    "dataset.name": "shapes",
    "dataset.train": 64,
    "dataset.validation": 16,
    "dataset.test": 16,
    "dataset.augment": "[]",
    "optimizer.name": "sgd",
    "optimizer.momentum": 0.9,
    "optimizer.nesterov": false,
    "optimizer.weight_decay": 0,
    "loss.name": "focal",
    "loss.gamma": 2,
    "schedule.name": "constant",
    "schedule.lr": 0.1,
  });
});

Deno.test("wall times come back from a file, up to where it was cut or damaged", () => {
  const opening = openingOf(PLAN, 5);
  const body = encodeEvents(EVENTS, (index) => 10 + index);
  const whole = Uint8Array.from([...opening, ...body]);
  assert.deepEqual(wallTimesOf(recordsIn(whole)), EVENTS.map((_, index) => 10 + index));
  fc.assert(fc.property(fc.nat(whole.length), (length) => {
    const times = wallTimesOf(recordsIn(whole.subarray(0, length)));
    assert.deepEqual(times, EVENTS.map((_, index) => 10 + index).slice(0, times.length));
  }));
  const damaged = Uint8Array.from(whole);
  damaged[opening.length + 14]! ^= 1;
  assert.deepEqual(wallTimesOf(recordsIn(damaged)), []);
});
