/** Every reader of files from outside that is fuzzed in process, with inputs that are right to begin with. */
import { gzipSync } from "node:zlib";
import { VOCABULARY } from "#app/studies/study_spec.ts";
import { buildModel } from "#compute/models.ts";
import { CIFAR10, CIFAR10_CLASSES } from "#datasets/cifar10.ts";
import { checkClassNames, checkRecords } from "#datasets/cifar_records.ts";
import { readIdx } from "#datasets/idx.ts";
import { type DataFiles } from "#datasets/source.ts";
import { unpack } from "#datasets/unpack.ts";
import { readSafetensors, writeSafetensors } from "#lib/safetensors.ts";
import { sha256 } from "#lib/sha256.ts";
import { readEvents } from "#results/events.ts";
import type { ResultFile } from "#results/file.ts";
import { rangeTestFile } from "#results/lr_range.ts";
import { originFile } from "#results/origin.ts";
import { plansFile, runFile } from "#results/run.ts";
import { summaryFile } from "#results/summary.ts";
import { sweepFile } from "#results/sweep.ts";
import { theoryFile } from "#results/theory.ts";
import { parseSpec } from "#spec/parse.ts";
import { readCheckpoint, writeCheckpoint } from "#train/checkpoint.ts";
import { archive, batch, goodEntries } from "../datasets/archives.ts";
import { experimentFixture } from "../support/experiment_fixture.ts";
import { dataTargets } from "./data_targets.ts";
import { studyTargets } from "./study_targets.ts";
import type { Target } from "./target.ts";
import { trackerTargets } from "./tracker_targets.ts";

const utf8 = new TextEncoder();
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const here = (path: string) => Deno.readFileSync(new URL(path, import.meta.url));

export async function targets(): Promise<Target[]> {
  return [
    spec(),
    safetensors(),
    await checkpoint(),
    idx(),
    batches(),
    await archives(),
    events(),
    ...results(),
    ...studyTargets(),
    ...trackerTargets(),
    ...dataTargets(),
    networks(),
  ];
}

function spec(): Target {
  const exercises = ["01_step_decay", "04_warmup", "05_sgdr", "07_feedback"];
  const schedules = `name: x
dataset: { name: shapes, train: 64, validation: 16, test: 16 }
model: cnn-small
optimizer: { name: adamw, groups: [{ match: "conv1/*", lr_factor: 0.5, frozen_until: 4 steps }] }
batch_size: 8
duration: 9 steps
seeds: [1]
averages: [{ kind: ema }, { kind: swa, from: 50% }]
arms:
  - &first { name: a, schedule: { name: sequence, parts: [{ for: 50%, schedule: { name: constant, lr: 0.1 } }, { for: 50%, schedule: { name: cosine, lr: 0.1, T_max: 50% } }] } }
  - { <<: *first, name: b, from: a, schedule: { name: plateau, lr: 0.1, scales: { name: sgdr, lr: 1, T_0: 1 step } } }
`;
  return {
    name: "spec",
    share: 0.01,
    refusals: ["SpecError"],
    seeds: [utf8.encode(schedules), ...exercises.map((name) => here(`../../exercises/${name}/spec.yaml`))],
    read: (bytes) =>
      parseSpec(textOf(bytes), { file: "spec.yaml", profile: null, overrides: {} }, VOCABULARY),
  };
}

const NETWORKS = [
  `dataset: { name: shapes-16, train: 64, validation: 16, test: 16 }
model:
  name: mine
  layers:
    - { kind: conv, name: conv1, filters: 8, kernel: 3, stride: 1, padding: same, bias: false }
    - { kind: batch_norm }
    - { kind: relu }
    - { kind: residual, main: [{ kind: conv, filters: 8 }, { kind: relu_squared }], shortcut: [{ kind: conv, filters: 8, kernel: 1 }] }
    - { kind: max_pool, size: 2 }
    - { kind: global_average_pool }
    - { kind: dropout, rate: 0.25 }
    - { kind: dense }`,
  `dataset: { name: text, path: texts, context: 16 }
model:
  layers:
    - { kind: embedding, units: 8, vocabulary: 41 }
    - { kind: positional_embedding }
    - kind: residual
      main:
        - { kind: rms_norm }
        - { kind: conv, filters: 24, kernel: 1, init_std: 0.02 }
        - { kind: attention, heads: 2, causal: true }
    - { kind: layer_norm }
    - { kind: gelu }
    - { kind: dense }`,
].map((text) =>
  utf8.encode(
    `name: x\n${text}\nbatch_size: 8\nduration: 9 steps\nseeds: [1]\n` +
      "arms: [{ name: a, schedule: { name: constant, lr: 0.1 } }]\n",
  )
);

/** A spec with a network of one's own, which is built as it is before a run: its layers one after the other, with shapes. */
function networks(): Target {
  return {
    name: "spec with layers",
    share: 0.01,
    refusals: ["SpecError", "UnfitModel"],
    seeds: NETWORKS,
    read: (bytes) => {
      const { dataset, model } = parseSpec(
        textOf(bytes),
        { file: "spec.yaml", profile: null, overrides: {} },
        VOCABULARY,
      );
      const isText = dataset.name === "text";
      try {
        buildModel(model, isText ? [16, 1, 1] : [16, 16, 3], isText ? 41 : 10, isText ? "token" : "image");
      } catch (error) {
        // As a session has it; what V8 throws where memory or the stack ends is a fault.
        if (!(error instanceof RangeError) || /call stack|Invalid (array|string|typed)/.test(error.message)) {
          throw error;
        }
        throw Object.assign(new Error(error.message), { name: "UnfitModel" });
      }
    },
  };
}

const TENSORS = {
  "conv1/kernel": { shape: [3, 3, 3, 4], data: new Float32Array(108).fill(0.5) },
  "step": { shape: [], data: Int32Array.of(7) },
  "logits": { shape: [5, 2], data: new Float64Array(10) },
  "labels": { shape: [6], data: new Uint8Array(6) },
};

function safetensors(): Target {
  return {
    name: "safetensors",
    share: 0.215,
    refusals: ["SafetensorsError"],
    seeds: [
      writeSafetensors(TENSORS, { format: "pt", note: "é" }),
      writeSafetensors({}),
      writeSafetensors({ w: { shape: [0, 3], data: new Float32Array() } }),
    ],
    read: readSafetensors,
  };
}

async function checkpoint(): Promise<Target> {
  const good = await writeCheckpoint({
    version: 2,
    key: "k",
    device: "wasm",
    data_digest: "d",
    model: "cnn-small",
    step: 3,
    events: 4,
    state: { w: { shape: [4], data: Float32Array.of(1, 2, 3, 4) } },
    feedback: null,
    trainer_state: { averaged: {}, best: null, busy_ms: 0, retained: [] },
  } as never);
  const digest = 32;
  return {
    name: "checkpoint",
    share: 0.04,
    refusals: ["CheckpointError"],
    seeds: [good],
    // Half of them with a digest that agrees, as whoever makes a file to do harm would have it.
    read: async (bytes) => {
      if (bytes.length > digest && bytes[bytes.length >> 1]! % 2 === 0) {
        bytes.set(await sha256(bytes.subarray(0, -digest)), bytes.length - digest);
      }
      return await readCheckpoint(bytes);
    },
  };
}

function idx(): Target {
  const file = (magic: number, dimensions: readonly number[], body: Uint8Array) => {
    const bytes = new Uint8Array(4 + 4 * dimensions.length + body.length);
    const view = new DataView(bytes.buffer);
    [magic, ...dimensions].forEach((word, place) => view.setUint32(4 * place, word));
    bytes.set(body, bytes.length - body.length);
    return bytes;
  };
  const images = file(0x803, [3, 28, 28], new Uint8Array(3 * 784).fill(9));
  const labels = file(0x801, [10], new Uint8Array(10));
  const packed = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));
  return {
    name: "IDX",
    share: 0.03,
    // Deno 2.9 does not free some 30 kB of each gzip file that `gunzipSync` cannot unpack.
    atOnce: 5000,
    refusals: ["DataError"],
    seeds: [images, labels, packed(images), packed(labels), packed(new Uint8Array(1_000_000))],
    read: (bytes) => {
      const files: DataFiles = {
        read: (_, most) => bytes.length <= most ? Promise.resolve(bytes) : refuse("too large"),
        stat: () => Promise.resolve({ size: bytes.length, isFile: true, isDirectory: false }),
        list: () => Promise.resolve([]),
      };
      const dimensions = bytes.length % 2 === 0 ? 3 : 1;
      return readIdx("train.gz", { dimensions, mostBytes: 60_000 * 784, help: "get it anew" }, files);
    },
  };
}

const refuse = (what: string) => Promise.reject(Object.assign(new Error(what), { name: "DataError" }));

function batches(): Target {
  return {
    name: "CIFAR-10 batch",
    share: 0.075,
    refusals: ["DataError"],
    seeds: [batch([0, 9]), utf8.encode(`${CIFAR10_CLASSES.join("\n")}\n\n`)],
    read: (bytes) => {
      const named = { dataset: "cifar-10", classes: CIFAR10_CLASSES, help: "get it anew" };
      if (bytes.length < 1000) checkClassNames(bytes, "batches.meta.txt", named);
      else checkRecords(bytes, "data_batch_1.bin", CIFAR10);
    },
  };
}

async function archives(): Promise<Target> {
  const { gunzipSync } = await import("node:zlib");
  const packed = await archive(goodEntries().filter(({ name }) => !name.endsWith("data_batch_1.bin")));
  const tar = new Uint8Array(gunzipSync(packed));
  const into = await Deno.makeTempDir({ prefix: "fuzz-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(into, { recursive: true }));
  const expected = {
    folder: "cifar-10-batches-bin",
    mostBytes: { "batches.meta.txt": 200, "test_batch.bin": 40_000 },
  };
  return {
    name: "CIFAR-10 archive",
    share: 0.005,
    refusals: ["DataError"],
    seeds: [tar, packed],
    read: async (bytes) => {
      // A tar that was changed inside is packed anew.
      const whole = bytes[0] === 0x1f ? bytes : new Uint8Array(gzipSync(bytes, { level: 1 }));
      try {
        const stream = new Blob([Uint8Array.from(whole)]).stream();
        await unpack(stream, into, expected, new AbortController().signal);
      } finally {
        for (const { name } of Deno.readDirSync(into)) Deno.removeSync(`${into}/${name}`);
      }
    },
  };
}

function events(): Target {
  const [record] = experimentFixture({ steps: 8, stepsPerEpoch: 4, arms: ["a"], seeds: [1] }).records;
  const lines = record!.events.map((event) => JSON.stringify(event) + "\n").join("");
  return {
    name: "events.jsonl",
    share: 0.12,
    refusals: ["FileError"],
    seeds: [utf8.encode(lines)],
    read: (bytes) => readEvents(textOf(bytes), "events.jsonl"),
  };
}

const FILES: readonly [path: string, file: ResultFile, share: number][] = [
  ["experiment/summary.json", summaryFile, 0.02],
  ["experiment/origin.json", originFile, 0.02],
  ["experiment/runs/restarts-1/run.json", runFile, 0.03],
  ["experiment/plan.json", plansFile, 0.02],
  ["sweep/sweep.json", sweepFile, 0.02],
  ["range-test/range-test.json", rangeTestFile, 0.01],
  ["theory/summary.json", theoryFile, 0.01],
];

function results(): Target[] {
  return FILES.map(([path, file, share]) => ({
    name: path.includes("theory") ? "summary.json (theory)" : file.name,
    share,
    refusals: ["FileError"],
    seeds: [here(`../results/version_1/${path}`)],
    read: (bytes) => file.read(textOf(bytes), path),
  }));
}
