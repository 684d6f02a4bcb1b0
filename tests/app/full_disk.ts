/**
 * Fills the small disk that the first argument names while it writes what a run writes, and prints what came of it.
 * `full_disk_test.ts` mounts the disk and judges.
 */
import { join } from "node:path";
import { checkpointIdentity } from "#app/storage/checkpoints.ts";
import { diskStore } from "#app/storage/disk.ts";
import { writeCheckpoint } from "#train/checkpoint.ts";
import type { StepEvent } from "#train/events.ts";
import { PLAN, PROVENANCE } from "../support/run_fixture.ts";

const folder = Deno.args[0]!;
const plan = PLAN;
const provenance = PROVENANCE;
const store = diskStore(folder);
const run = join(folder, "runs", plan.id);
const steps = (count: number): StepEvent[] =>
  Array.from({ length: count }, (_, step) => ({ kind: "step", step, lr: 0.1, momentum: 0.9, loss: 2 }));
const identity = await checkpointIdentity(plan, provenance.device, provenance.data_digest);
const checkpoint = (values: number) =>
  writeCheckpoint({
    version: 2,
    ...identity,
    step: 2,
    events: 2,
    state: { w: { shape: [values], data: new Float32Array(values) } },
    feedback: null,
    trainer_state: { averaged: {}, busy_ms: 0, retained: [] },
  });
const failing = (work: Promise<void>) =>
  work.then(() => "done", (error) => `${error.name}: ${error.message}`);
const events = () => Deno.readTextFile(join(run, "events.jsonl"));

await store.writeSpec("first");
await store.begin({ plan, provenance });
await store.append(plan, steps(2));
await store.keep(plan, { name: "checkpoint.safetensors", bytes: await checkpoint(10_000) });
const eventsBefore = await events();
const tooLarge = await checkpoint(60_000);
console.log(JSON.stringify({
  eventsBefore,
  checkpoint: await failing(store.keep(plan, { name: "checkpoint.safetensors", bytes: tooLarge })),
  snapshot: await failing(store.keep(plan, { name: "snapshots/cycle-1.safetensors", bytes: tooLarge })),
  events: await failing(store.append(plan, steps(10_000))),
  summary: await failing(store.writeSpec("x".repeat(300_000))),
  eventsAfter: await events(),
  spec: await Deno.readTextFile(join(folder, "spec.yaml")),
  names: (await Array.fromAsync(Deno.readDir(run))).map(({ name }) => name).sort(),
  resumedAfter: (await store.brokenOff(plan, provenance))?.events.length,
}));
