import assert from "node:assert/strict";
import { checkpointOf, startingState, trainingCheckpointOf } from "#app/storage/checkpoints.ts";
import { openDevice } from "#compute/devices.ts";
import { initialWeights } from "#compute/parameters.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { epochBatches } from "#train/batches.ts";
import { readCheckpoint, writeCheckpoint } from "#train/checkpoint.ts";
import { upgradeCheckpoint } from "#train/checkpoint_versions.ts";
import type { TrainEvent } from "#train/events.ts";
import { train } from "#train/loop.ts";
import { eventsOf, networkOf, TINY_NORM_MODEL, tinyData } from "../support/tiny.ts";

/**
 * Files that the lab wrote at commit 23a07d0, by its CPU device: the checkpoint after step 16 of the run below, its end,
 * and all its events.
 */
const GOLDEN = new URL("../golden/checkpoints/", import.meta.url);
const fileOf = (name: string) => Deno.readFile(new URL(name, GOLDEN));
const eventsBefore = (await Deno.readTextFile(new URL("events_version_1.jsonl", GOLDEN))).trim().split("\n")
  .map((line) => JSON.parse(line) as TrainEvent);

const SHAPE = { totalSteps: 30, stepsPerEpoch: 7 };
const NETWORK = networkOf(TINY_NORM_MODEL);
const AVERAGES = [
  { kind: "ema", name: "ema", decay: 0.9, from: 5, every: 1 },
  { kind: "cycle", name: "cycle", from: 0.5, every: 2 },
] as const;

Deno.test("a run goes on bit for bit from a checkpoint that version 1 wrote", async () => {
  const checkpoint = await readCheckpoint(await fileOf("checkpoint_version_1.safetensors"));
  assert.equal(checkpoint.version, 2);
  const from = trainingCheckpointOf(checkpoint);
  assert.equal(from.step, 16);
  assert.deepEqual([...from.retained.keys()], ["cycle/0", "snapshot/0"]);
  assert.deepEqual(Object.keys(from.retained.get("snapshot/0")!), NETWORK.all);

  using device = await openDevice("cpu");
  using learner = await device.createLearner({
    model: TINY_NORM_MODEL,
    optimizer: { name: "adam", betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0, clip_norm: null },
    data: tinyData(),
    batchSize: 8,
    averages: AVERAGES.map(({ name }) => name),
    gradientNorms: true,
    dropoutSeed: 1,
    initial: initialWeights(TINY_NORM_MODEL, 1),
  });
  const batches = { seed: 1, count: 50, batchSize: 8, augment: ["crop", "flip"] as const };
  const outputs = await Array.fromAsync(train(
    learner,
    {
      ...SHAPE,
      schedule: buildSchedule({ name: "sgdr", lr: 0.1, T_0: "10 steps", T_mult: 1, eta_min: 0.01 }, SHAPE),
      momentum: 0.9,
      batches: (epoch) => epochBatches(batches, epoch),
      evalEvery: 6,
      readTest: true,
      network: NETWORK,
      statistics: () => epochBatches(batches, 0),
      averages: AVERAGES,
      snapshots: { limit: 5 },
      resetAtRestart: true,
      saveEnd: true,
      gradientNorms: true,
    },
    { now: () => 0, shouldStop: () => false },
    from,
  ));
  assert.deepEqual(eventsOf(outputs), eventsBefore.slice(checkpoint.events));
});

Deno.test("a run begins with the end of one that version 1 trained", async () => {
  const end = await readCheckpoint(await fileOf("end_version_1.safetensors"));
  const initial = initialWeights(TINY_NORM_MODEL, 1);
  const optimizer = { "optimizer/steps": { shape: [1], data: Float32Array.of(0) } };
  const state = startingState(end, NETWORK, { ...initial, ...optimizer });
  assert.deepEqual(Object.keys(state), [...NETWORK.all, "optimizer/steps"]);
  // The optimizer was reset at step 20.
  assert.deepEqual(state["optimizer/steps"]!.data, Float32Array.of(10));
});

Deno.test("an upgraded checkpoint is written as version 2 and read again as it is", async () => {
  const upgraded = await readCheckpoint(await fileOf("checkpoint_version_1.safetensors"));
  assert.deepEqual(await readCheckpoint(await writeCheckpoint(upgraded)), upgraded);
  const { key, device, data_digest, model, events } = upgraded;
  const identity = { key, device, data_digest, model };
  const again = checkpointOf(identity, events, trainingCheckpointOf(upgraded));
  assert.deepEqual(new Set(Object.keys(again.state)), new Set(Object.keys(upgraded.state)));
  assert.deepEqual(again.trainer_state, upgraded.trainer_state);
});

Deno.test("versions that are not known are refused by number, version 1 without bookkeeping later by its parts", () => {
  for (const version of [0, 3, "2", null, undefined]) {
    assert.throws(() => upgradeCheckpoint({ version }, {}), {
      name: "CheckpointError",
      message: `The checkpoint is of version ${JSON.stringify(version)}; this lab reads versions 1 and 2`,
    });
  }
  for (const header of [null, 7, [], "1"]) {
    assert.throws(() => upgradeCheckpoint(header, {}), { name: "CheckpointError" });
  }
  assert.deepEqual(upgradeCheckpoint({ version: 1, progress: null, key: "k" }, {}).header, {
    version: 2,
    key: "k",
    trainer_state: { retained: undefined },
  });
});
