/// <reference lib="deno.worker" />
import { buildModel } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { openBackend } from "#compute/devices.ts";
import type { Device } from "#compute/device.ts";
import type { WorkerReply, WorkerRequest } from "#lab/protocol.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { RunPlan } from "#lab/record.ts";
import { epochBatches } from "#train/batches.ts";
import type { TrainingData } from "#train/data.ts";
import type { TrainEvent } from "#train/events.ts";
import { momentumOf } from "#train/optimizer.ts";
import { train, UPDATES_PER_READ } from "#train/loop.ts";
import { loadCustomModules } from "./schedule/custom_modules.ts";

let opened: { device: Device; folder: string; data: TrainingData; stop: Int32Array } | null = null;

self.onmessage = async ({ data: request }: MessageEvent<WorkerRequest>) => {
  try {
    if (request.kind === "open") {
      const { backend, why, threads, folder, data, stop } = request;
      opened = { device: await openBackend(backend, why, threads), folder, data, stop };
      reply({ kind: "ready", device: opened.device.info });
    } else {
      await run(request.plan);
      reply({ kind: "done" });
    }
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    reply({ kind: "failed", message, stack: stack ?? null });
  }
};

async function run(plan: RunPlan): Promise<void> {
  if (!opened) throw new Error("A worker was asked to run before it was opened");
  const { device, folder, data, stop } = opened;
  const model = buildModel(plan.model, data.shape, data.classes.length);
  using learner = await device.createLearner({
    model,
    optimizer: plan.optimizer,
    data,
    batchSize: plan.batch_size,
    initial: initialWeights(model, plan.seed),
  });
  const shape = { totalSteps: plan.total_steps, stepsPerEpoch: plan.steps_per_epoch };
  const batches = {
    seed: plan.seed,
    count: data.train.count,
    batchSize: plan.batch_size,
    augment: plan.dataset.augment,
  };
  const events = train(learner, {
    ...shape,
    schedule: buildSchedule(plan.schedule, shape, await loadCustomModules([plan.schedule], folder)),
    momentum: momentumOf(plan.optimizer),
    batches: (epoch) => epochBatches(batches, epoch),
    evalEvery: plan.eval_every,
    readTest: plan.read_test,
  }, { now: () => performance.now(), shouldStop: () => Atomics.load(stop, 0) !== 0 });

  let held: TrainEvent[] = [];
  const tell = () => {
    if (held.length > 0) reply({ kind: "events", events: held });
    held = [];
  };
  for await (const event of events) {
    held.push(event);
    if (event.kind !== "step" || held.length >= UPDATES_PER_READ) tell();
  }
  tell();
}

function reply(message: WorkerReply): void {
  self.postMessage(message);
}
