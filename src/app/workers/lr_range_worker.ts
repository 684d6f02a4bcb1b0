/// <reference lib="deno.worker" />
import type { Device } from "#compute/device.ts";
import { openBackend } from "#compute/devices.ts";
import { buildModel } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import type { WorkerReply } from "./protocol.ts";
import type { RunPlan } from "#results/run.ts";
import type { TrainingData } from "#train/data.ts";
import type { TrainEvent } from "#train/events.ts";
import { STEPS_PER_READ } from "#train/loop.ts";
import { rangeTest } from "#train/lr_range.ts";
import type { RangeRequest } from "./lr_range_worker_port.ts";
import { trainPlan } from "./train_plan.ts";

interface Opened {
  readonly device: Device;
  readonly data: TrainingData;
  readonly stop: Int32Array;
}

let opened: Opened | null = null;

self.onmessage = async ({ data: { request, smoothing } }: MessageEvent<RangeRequest>) => {
  try {
    if (request.kind === "open") {
      const { backend, why, threads, data, stop } = request;
      opened = { device: await openBackend(backend, why, threads), data, stop };
      reply({ kind: "ready", device: opened.device.info });
    } else {
      if (!opened) throw new Error("A worker was asked to run before it was opened");
      await run(opened, request.plan, smoothing);
      reply({ kind: "done" });
    }
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    reply({ kind: "failed", message, stack: stack ?? null });
  }
};

/** A range test from fresh weights over the rates of the plan's schedule. */
async function run({ device, data, stop }: Opened, plan: RunPlan, smoothing: number): Promise<void> {
  const model = buildModel(plan.model, data.shape, data.classes.length);
  using learner = await device.createLearner({
    model,
    optimizer: plan.optimizer,
    ...(plan.loss && { loss: plan.loss }),
    data,
    batchSize: plan.batch_size,
    noiseSeed: plan.seed,
    initial: initialWeights(model, plan.seed),
  });
  const { schedule, ...rest } = trainPlan(plan, model, data, {});
  const rates = Array.from({ length: plan.total_steps }, (_, step) => schedule.lr(step));
  const context = { now: () => performance.now(), shouldStop: () => Atomics.load(stop, 0) !== 0 };

  let held: TrainEvent[] = [];
  for await (const event of rangeTest(learner, { ...rest, rates, smoothing }, context)) {
    held.push(event);
    if (event.kind === "ended" || held.length >= STEPS_PER_READ) {
      reply({ kind: "events", events: held });
      held = [];
    }
  }
}

function reply(message: WorkerReply): void {
  self.postMessage(message);
}
