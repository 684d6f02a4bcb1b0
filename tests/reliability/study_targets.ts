/** Readers of what parts of a study give each other, for `targets.ts`: shards, the benchmark's settings, a queue's jobs. */
import type { Conditions } from "#app/queue/conditions.ts";
import { checkJob, jobId, type RunJob } from "#app/queue/job.ts";
import { benchmarkFile } from "#results/benchmark.ts";
import { type ResultFile, VERSION } from "#results/file.ts";
import { filesFile } from "#results/files.ts";
import { shardFile } from "#results/shard.ts";
import { PLAN } from "../support/run_fixture.ts";
import type { Target } from "./target.ts";

const utf8 = new TextEncoder();
const DIGEST = "0123456789abcdef".repeat(4);
const VERSIONS = { lab: "0.1.0", deno: "2.9.6" };
const DEVICE = { backend: "wasm", name: "WASM", detail: "one thread", why: "" } as const;

const FILES = {
  version: VERSION,
  files: ["run.json", "events.jsonl", "averages/ema.safetensors"].map((name) => ({
    name,
    bytes: 1234,
    sha256: DIGEST,
  })),
};

const SHARD = {
  version: VERSION,
  shard: 2,
  of: 3,
  at: "2026-11-28T12:00:00.000Z",
  jobs: 2,
  study: { kind: "experiment" },
  spec_digest: DIGEST,
  data_digest: DIGEST,
  device: DEVICE,
  commit: null,
  versions: VERSIONS,
  origin: {
    version: VERSION,
    command: "deno task train spec.yaml --shard 2/3",
    exercise: null,
    introduction: "",
    folder: "..",
    data_dir: null,
    backend: "wasm",
    threads: 1,
  },
};

const RATE = {
  value: 0.1,
  validation: [0.5, null],
  test: [0.6, 0.7],
  validation_failed: 0,
  test_failed: 1,
};
const BENCHMARK = {
  version: VERSION,
  kind: "benchmark",
  name: "benchmark",
  profile: "quick",
  complete: false,
  provenance: {
    at: "2026-11-28T12:00:00.000Z",
    command: "deno task benchmark",
    commit: null,
    versions: VERSIONS,
    wall_s: 12.5,
  },
  scores: {
    families: [{ name: "cosine", why: "the usual one", weights: null, schedule: { name: "cosine", lr: 1 } }],
    settings: [{
      name: "cnn-2x",
      workload: "cnn",
      length: 2,
      steps: 200,
      model: "cnn-tiny",
      optimizer: "sgd",
      title: "a small network",
      dataset: { name: "shapes-16", train: 64, validation: 16, test: 16, digest: DIGEST },
      device: DEVICE,
      wall_s: 3,
      metric: "test_accuracy",
      better: "higher",
      guessing: 0.1,
      floor: null,
      tuning_seeds: [101, 102],
      seeds: [1, 2],
      families: [{ family: "cosine", rates: [RATE], chosen: 0.1, at_edge: true }],
    }],
    unfinished: [{ name: "gpt-1x", workload: "gpt", length: 1, runs: 3, of: 8 }],
  },
  answers: [],
};

const RESULTS: readonly [file: ResultFile, good: unknown][] = [
  [shardFile, SHARD],
  [filesFile, FILES],
  [benchmarkFile, BENCHMARK],
];

export function studyTargets(): Target[] {
  return [
    ...RESULTS.map(([file, good]): Target => ({
      name: file.name,
      share: 0.015,
      refusals: ["FileError"],
      seeds: [utf8.encode(JSON.stringify(good, null, 2))],
      read: (bytes) => file.read(new TextDecoder().decode(bytes), file.name),
    })),
    jobs(),
  ];
}

/** Jobs as a worker finds them in Redis, with the id that their content has: whoever writes one can work it out. */
function jobs(): Target {
  const { why: _, ...device } = DEVICE;
  const conditions: Conditions = { device, commit: null, versions: VERSIONS };
  const job: RunJob = {
    version: 1,
    plan: PLAN,
    data_digest: DIGEST,
    device,
    threads: 1,
    commit: null,
    versions: VERSIONS,
    checkpoint_ms: 1000,
  };
  return {
    name: "jobs of a queue",
    share: 0.015,
    // What the queue's library cannot read as JSON never reaches the worker.
    refusals: ["RefusedJob", "SyntaxError"],
    seeds: [utf8.encode(JSON.stringify(job))],
    read: (bytes) => {
      const data = JSON.parse(new TextDecoder().decode(bytes));
      return checkJob(data, idOf(data), { conditions, modules: false });
    },
  };
}

/** The right id of what is a job in its form; any other of what is none. */
function idOf(data: unknown): string {
  try {
    return jobId(data as RunJob);
  } catch {
    return "run-1";
  }
}
