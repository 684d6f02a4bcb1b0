import assert from "node:assert/strict";
import { spawnWorker } from "#app/workers/worker_port.ts";
import { openPool, type PoolListener, WorkerFailure } from "#app/workers/pool.ts";
import type { RunPlan } from "#results/run.ts";
import type { TrainEvent } from "#train/events.ts";
import { requires } from "../support/requires.ts";
import { tinyData } from "../support/tiny.ts";

function plan(id: string, changes: Partial<RunPlan> = {}): RunPlan {
  return {
    id,
    role: "arm",
    arm: "constant",
    seed: 1,
    dataset: { name: "tiny", train: null, validation: null, test: null, augment: [] },
    model: "cnn-small",
    optimizer: { name: "sgd", momentum: 0.9, nesterov: false, weight_decay: 0, clip_norm: null },
    schedule: { name: "constant", lr: 0.05 },
    batch_size: 8,
    total_steps: 21,
    steps_per_epoch: 7,
    eval_every: 7,
    read_test: true,
    ...changes,
  };
}

const vulkan = await requires("vulkan");

const open = (backend: "wasm" | "webgpu" = "wasm", size = 2) =>
  openPool(size, spawnWorker, { backend, why: "", threads: 1, folder: ".", data: tinyData() });
const byRun = () => {
  const events = new Map<string, TrainEvent[]>();
  const keep: PoolListener = {
    startOf: () => Promise.resolve(null),
    onEvents: (run, some) => void events.set(run.id, [...events.get(run.id) ?? [], ...some]),
    onFile: () => {},
  };
  return { events, keep };
};
/** Everything but wall time. */
const timeless = (events: readonly TrainEvent[]) =>
  events.map((event) => event.kind === "ended" ? { ...event, ms_per_step: 0 } : event);

Deno.test("a pool runs every plan, and the same plan gives the same bits on every worker", async () => {
  using pool = await open();
  assert.equal(pool.device.backend, "wasm");
  const { events, keep } = byRun();
  await pool.run(["a", "b", "c", "d", "e"].map((id) => plan(id)), keep, null);
  assert.deepEqual([...events.keys()].sort(), ["a", "b", "c", "d", "e"]);
  const first = timeless(events.get("a")!);
  assert.equal(first.length, 21 + 3 + 1 + 1);
  for (const other of events.values()) assert.deepEqual(timeless(other), first);
});

Deno.test("seeds change weights and order; schedules change neither before they differ", async () => {
  using pool = await open();
  const { events, keep } = byRun();
  const drop = { name: "multistep", lr: 0.05, milestones: ["10 steps"], gamma: 0.1 };
  await pool.run([plan("one"), plan("two", { seed: 2 }), plan("drop", { schedule: drop })], keep, null);
  const losses = (id: string) => events.get(id)!.flatMap((event) => event.kind === "step" ? event.loss : []);
  assert.notEqual(losses("one")[0], losses("two")[0]);
  // The loss of step 10 is measured before that update, so the first difference shows one later.
  assert.deepEqual(losses("one").slice(0, 11), losses("drop").slice(0, 11));
  assert.notEqual(losses("one")[11], losses("drop")[11]);
});

Deno.test("a run that diverges ends itself alone", async () => {
  using pool = await open();
  const { events, keep } = byRun();
  await pool.run([plan("wild", { schedule: { name: "constant", lr: 1e9 } }), plan("tame")], keep, null);
  const end = (id: string) => events.get(id)!.at(-1)!;
  assert.ok(end("wild").kind === "ended" && (end("wild") as { reason: string }).reason === "diverged");
  assert.ok(end("tame").kind === "ended" && (end("tame") as { reason: string }).reason === "budget");
});

Deno.test("a pool that is stopped ends the runs in progress and starts no other", async () => {
  using pool = await open();
  const { events, keep } = byRun();
  const long = { total_steps: 1_000_000, eval_every: 1_000_000 };
  const started = performance.now();
  await pool.run([plan("a", long), plan("b", long), plan("c", long)], {
    ...keep,
    onEvents: (run, some) => {
      keep.onEvents(run, some);
      if (events.size === 2) pool.stop();
    },
  }, null);
  // A million steps take a quarter of an hour.
  assert.ok(performance.now() - started < 120_000);
  assert.deepEqual([...events.keys()].sort(), ["a", "b"]);
  for (const some of events.values()) {
    const end = some.at(-1)!;
    assert.ok(end.kind === "ended" && end.reason === "stopped");
  }
});

Deno.test("a worker that breaks rejects with a message for the user", async () => {
  using pool = await open();
  await assert.rejects(pool.run([plan("x", { model: "no such" })], byRun().keep, null), (error: Error) => {
    assert.ok(error instanceof WorkerFailure);
    assert.match(error.message, /Unknown model "no such"/);
    return true;
  });
});

Deno.test(
  "runs that share a GPU have the events of each alone, beside one that diverges",
  vulkan,
  async () => {
    const drop = { name: "multistep", lr: 0.05, milestones: ["5 steps"], gamma: 0.1 };
    const short = { model: "cnn-tiny", total_steps: 9, eval_every: 4 };
    const plans = [
      plan("one", short),
      plan("wild", { ...short, schedule: { name: "constant", lr: 1e9 } }),
      plan("two", { ...short, seed: 2, schedule: drop, total_steps: 12 }),
    ];
    using pair = await open("webgpu");
    const together = byRun();
    const checkpoints: Uint8Array[] = [];
    const onFile: PoolListener["onFile"] = ({ id }, { name, bytes }) => {
      if (id === "two" && name === "checkpoint.safetensors" && bytes !== null) checkpoints.push(bytes);
    };
    await pair.run(plans, { ...together.keep, onFile }, null, 6);
    assert.deepEqual([...together.events.keys()].sort(), ["one", "two", "wild"]);

    using single = await open("webgpu", 1);
    const alone = byRun();
    await single.run(plans, alone.keep, null);
    for (const [id, events] of together.events) {
      assert.deepEqual(timeless(events), timeless(alone.events.get(id)!), id);
    }

    // A checkpoint of a run that shared the GPU continues alone.
    const resumed = byRun();
    const startOf = () => Promise.resolve({ bytes: checkpoints[0]!, own: true });
    await single.run([plans[2]!], { ...resumed.keep, startOf }, null);
    const rest = timeless(resumed.events.get("two")!);
    assert.ok(rest.length > 6 && rest.length < alone.events.get("two")!.length);
    assert.deepEqual(rest, timeless(alone.events.get("two")!).slice(-rest.length));
  },
);

Deno.test("a run that a GPU's worker cannot train is named, not one beside it", vulkan, async () => {
  using pool = await open("webgpu");
  const broken = plan("broken", { model: "no such" });
  await assert.rejects(
    pool.run([plan("fine", { model: "cnn-tiny" }), broken], byRun().keep, null),
    /Run broken: Unknown model "no such"/,
  );
});
