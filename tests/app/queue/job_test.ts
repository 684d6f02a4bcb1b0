import assert from "node:assert/strict";
import { chooseWorkers, misfits } from "#app/queue/choose_workers.ts";
import { type Conditions, queueName } from "#app/queue/conditions.ts";
import { checkJob, jobId, RefusedJob, type RunJob } from "#app/queue/job.ts";
import { cut, join, PART_BYTES, PartError } from "#app/queue/parts.ts";
import { PLAN } from "../../support/run_fixture.ts";

const DEVICE = { backend: "wasm", name: "WASM", detail: "one thread" } as const;
const CONDITIONS: Conditions = { device: DEVICE, commit: "abc", versions: { lab: "1", deno: "2" } };
const TERMS = { conditions: CONDITIONS, modules: false };
const JOB: RunJob = {
  version: 1,
  plan: PLAN,
  data_digest: "0".repeat(64),
  device: DEVICE,
  threads: 1,
  commit: "abc",
  versions: { lab: "1", deno: "2" },
  checkpoint_ms: 1000,
};

Deno.test("a job is known by the content of its run: not by names, but by all that changes its numbers or files", () => {
  const id = jobId(JOB);
  assert.match(id, /^run-[0-9a-f]{64}$/);
  assert.equal(jobId({ ...JOB, plan: { ...PLAN, id: "other", arm: "other", role: "sweep" } }), id);
  const others: Partial<RunJob>[] = [
    { plan: { ...PLAN, seed: 99 } },
    { plan: { ...PLAN, read_test: !PLAN.read_test } },
    { plan: { ...PLAN, keep_end: true } },
    { data_digest: "1".repeat(64) },
    { device: { ...DEVICE, detail: "2 threads" } },
    { threads: 2 },
    { commit: null },
    { versions: { lab: "1", deno: "3" } },
  ];
  const ids = others.map((change) => jobId({ ...JOB, ...change }));
  assert.equal(new Set([id, ...ids]).size, 1 + others.length);
});

Deno.test("a job of the lab passes as it is", () => {
  assert.deepEqual(checkJob(structuredClone(JOB), jobId(JOB), TERMS), JOB);
});

const withId = (job: unknown) => ({ job, id: jobId({ ...JOB, ...Object(job) }) });
const custom = { name: "custom", module: "./mine.ts" };
const HOSTILE: Record<string, { job: unknown; id?: string; message: RegExp }> = {
  "nothing": { job: undefined, message: /no job of this lab/ },
  "a list": { job: [], message: /no job of this lab/ },
  "a further key": { job: { ...JOB, run: "rm" }, message: /no job of this lab/ },
  "a plan without a schedule": {
    job: { ...JOB, plan: { ...PLAN, schedule: undefined } },
    message: /plan\.schedule/,
  },
  "an id of another run": { job: JOB, id: `run-${"0".repeat(64)}`, message: /id is not that of its content/ },
  "no id": { job: JOB, message: /id is not that of its content/ },
  "another commit": { ...withId({ ...JOB, commit: "def" }), message: /for another worker/ },
  "another device": {
    ...withId({ ...JOB, device: { ...DEVICE, backend: "cpu" } }),
    message: /for another worker/,
  },
  "a module": { ...withId({ ...JOB, plan: { ...PLAN, schedule: custom } }), message: /--allow-modules/ },
  "a module of a group": {
    ...withId({
      ...JOB,
      plan: { ...PLAN, optimizer: { ...PLAN.optimizer, groups: [{ match: "*", schedule: custom }] } },
    }),
    message: /--allow-modules/,
  },
  "a batch of millions": {
    ...withId({ ...JOB, plan: { ...PLAN, batch_size: 1e7 } }),
    message: /at most 4000000/,
  },
  "a run without end": {
    ...withId({ ...JOB, plan: { ...PLAN, total_steps: 1e12 } }),
    message: /at most 100000000/,
  },
  "megabytes": { job: { ...JOB, plan: { ...PLAN, arm: "x".repeat(2 ** 21) } }, message: /bytes; at most/ },
};
for (const [name, { job, id, message }] of Object.entries(HOSTILE)) {
  Deno.test(`a job with ${name} is refused`, () => {
    assert.throws(() => checkJob(job, id, TERMS), (error: Error) => {
      assert.ok(error instanceof RefusedJob, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("a worker that allows modules takes a job with one", () => {
  const { job, id } = withId({ ...JOB, plan: { ...PLAN, schedule: custom } });
  assert.ok(checkJob(job, id, { ...TERMS, modules: true }));
});

Deno.test("conditions have queues of their own", () => {
  const names = [
    CONDITIONS,
    { ...CONDITIONS, commit: null },
    { ...CONDITIONS, device: { ...DEVICE, detail: "turbo" } },
  ].map(queueName);
  assert.equal(new Set(names).size, 3);
  assert.equal(queueName(structuredClone(CONDITIONS)), names[0]);
});

Deno.test("a study takes the device that trains most runs at a time, and only its own version", () => {
  const worker = (name: string, slots: number, conditions: Conditions) => ({
    name,
    queue: queueName(conditions),
    conditions,
    devices: [conditions.device, { ...conditions.device, detail: "2 threads" }],
    slots,
    running: 0,
  });
  const gpu: Conditions = { ...CONDITIONS, device: { backend: "webgpu", name: "GPU", detail: "" } };
  const old: Conditions = { ...CONDITIONS, commit: "old" };
  const workers = [
    worker("a", 2, CONDITIONS),
    worker("b", 3, gpu),
    worker("c", 2, CONDITIONS),
    worker("d", 64, old),
  ];
  const wanted = {
    backend: "auto",
    threads: 1,
    commit: "abc",
    versions: CONDITIONS.versions,
    device: null,
  } as const;
  assert.equal(chooseWorkers(workers, wanted)?.slots, 4);
  assert.equal(chooseWorkers(workers, { ...wanted, backend: "webgpu" })?.device.name, "GPU");
  assert.equal(chooseWorkers(workers, { ...wanted, threads: 2 })?.device.detail, "2 threads");
  assert.equal(chooseWorkers(workers, { ...wanted, threads: 3 }), null);
  assert.equal(chooseWorkers(workers, { ...wanted, device: gpu.device })?.device.name, "GPU");
  const other = { ...wanted, commit: "new" };
  assert.equal(chooseWorkers(workers, other), null);
  assert.match(misfits(workers, other), /none has this lab's version .*commit abc.*commit old/);
  assert.equal(misfits([], other), "");
});

Deno.test("a file comes back from its parts, and a part that is gone or changed is named", async () => {
  for (const length of [0, 1, PART_BYTES, 2 * PART_BYTES + 5]) {
    const bytes = Uint8Array.from({ length }, (_, index) => index * 7);
    const { manifest, parts } = cut(bytes);
    assert.equal(manifest.parts.length, Math.ceil(length / PART_BYTES));
    assert.deepEqual(await join(manifest, (digest) => Promise.resolve(parts.get(digest)!)), bytes);
  }
  const { manifest, parts } = cut(new Uint8Array(PART_BYTES + 1));
  await assert.rejects(join(manifest, () => Promise.resolve(null)), PartError);
  await assert.rejects(
    join(manifest, (digest) => Promise.resolve(parts.get(digest)!.map(() => 1))),
    /damaged/,
  );
  const short = { ...manifest, parts: manifest.parts.slice(1) };
  await assert.rejects(
    join(short, (digest) => Promise.resolve(parts.get(digest)!)),
    /do not make up the whole/,
  );
  const long = { ...manifest, bytes: 3, parts: manifest.parts };
  await assert.rejects(join(long, (digest) => Promise.resolve(parts.get(digest)!)), /more than its 3 bytes/);
});
