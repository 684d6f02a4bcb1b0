/// <reference lib="deno.worker" />
import type { Device } from "#compute/device.ts";
import { openBackend } from "#compute/devices.ts";
import { buildModel } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { holdLife } from "./liveness.ts";
import type { WorkerReply, WorkerRequest } from "./protocol.ts";
import { writeSafetensors } from "#lib/safetensors.ts";
import { type RunPlan, schedulesOf } from "#spec/run_plan.ts";
import type { TrainingData } from "#train/data.ts";
import type { TrainEvent } from "#train/events.ts";
import { STEPS_PER_READ, train } from "#train/loop.ts";
import { rangeTest } from "#train/lr_range.ts";
import type { TrainContext, TrainPlan } from "#train/plan.ts";
import type { Learner } from "#train/learner.ts";
import type { Artifact, TrainingCheckpoint } from "#train/trainer_state.ts";
import { checkCheckpoint, readCheckpoint, writeCheckpoint } from "#train/checkpoint.ts";
import {
  checkpointIdentity,
  checkpointOf,
  startingState,
  trainingCheckpointOf,
} from "../storage/checkpoints.ts";
import { loadCustomModules } from "./custom_modules.ts";
import { rangePlan, trainPlan } from "./train_plan.ts";

interface Opened {
  readonly device: Device;
  readonly folder: string;
  readonly data: TrainingData;
  readonly stop: Int32Array;
}

let opened: Opened | null = null;
const alive = holdLife(self.name);

self.onmessage = async ({ data: request }: MessageEvent<WorkerRequest>) => {
  try {
    if (request.kind === "open") {
      const { backend, why, threads, runs, folder, data, stop } = request;
      opened = { device: await openBackend(backend, why, { threads, runs }), folder, data, stop };
      await alive;
      reply({ kind: "ready", device: opened.device.info });
    } else {
      if (!opened) throw new Error("A worker was asked to run before it was opened");
      await run(opened, request);
      reply({ kind: "done", place: request.place });
    }
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const place = request.kind === "run" ? { place: request.place } : {};
    reply({ kind: "failed", ...place, message, stack: stack ?? null });
  }
};

async function run(
  { device, folder, data, stop }: Opened,
  { place, plan, from, checkpointMs, checkpointAt }: Extract<WorkerRequest, { kind: "run" }>,
): Promise<void> {
  const model = buildModel(plan.model, data.shape, data.classes.length, data.labelUnit);
  using learner = await device.createLearner({
    model,
    optimizer: plan.optimizer,
    ...(plan.loss && { loss: plan.loss }),
    data,
    batchSize: plan.batch_size,
    dropoutSeed: plan.seed,
    averages: plan.averages?.map(({ name }) => name) ?? [],
    gradientNorms: plan.gradient_norms === true || plan.probe !== undefined,
    initial: initialWeights(model, plan.seed),
  });
  const built = trainPlan(plan, model, data, await loadCustomModules(schedulesOf(plan), folder));
  const checkpoint = from && await readCheckpoint(from.bytes);
  const own = from?.own === true ? checkpoint : null;
  if (checkpoint && !own) await learner.load(startingState(checkpoint, built.network, await learner.save()));
  const identity = await checkpointIdentity(plan, device.info, data.digest);
  if (own) checkCheckpoint(own, identity);

  let reported = own?.events ?? 0;
  let held: TrainEvent[] = [];
  const report = () => {
    if (held.length > 0) reply({ kind: "events", place, events: held });
    reported += held.length;
    held = [];
  };
  let saved = performance.now();
  const context = {
    now: () => performance.now(),
    shouldStop: () => Atomics.load(stop, 0) !== 0,
    shouldSave: (step: number) =>
      step + 1 === checkpointAt || (checkpointMs !== null && performance.now() - saved >= checkpointMs),
  };
  for await (const output of outputsOf(plan, learner, built, context, own && trainingCheckpointOf(own))) {
    if (output.kind === "save" || output.kind === "delete") {
      report();
      const file = { name: `${output.name}.safetensors`, bytes: await bytesOf(output) };
      reply({ kind: "file", place, file });
      saved = performance.now();
    } else {
      held.push(output);
      if (output.kind !== "step" || held.length >= STEPS_PER_READ) report();
    }
  }
  report();

  async function bytesOf(output: Artifact): Promise<Uint8Array | null> {
    if (output.kind === "delete") return null;
    if ("tensors" in output) return writeSafetensors(output.tensors, output.metadata);
    return await writeCheckpoint(checkpointOf(identity, reported, output.checkpoint));
  }
}

/** Trains, or goes through the ramp of a range test, as the plan says. */
function outputsOf(
  plan: RunPlan,
  learner: Learner,
  built: TrainPlan,
  context: TrainContext,
  from: TrainingCheckpoint | null,
): AsyncIterable<TrainEvent | Artifact> {
  return plan.lr_range
    ? rangeTest(learner, rangePlan(built, plan.lr_range.smoothing), context, from)
    : train(learner, built, context, from);
}

function reply(message: WorkerReply): void {
  self.postMessage(message);
}
