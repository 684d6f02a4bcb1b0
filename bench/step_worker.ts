/// <reference lib="deno.worker" />
import type { Backend, PlainDevice } from "#compute/device.ts";
import { openBackend } from "#compute/devices.ts";
import { buildModel, MODELS } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import type { WebgpuLearner } from "#compute/webgpu/learner.ts";
import { epochBatches } from "#train/batches.ts";
import type { Batch, PlainLearner } from "#train/learner.ts";
import type { LossSpec } from "#train/loss.ts";
import { anyData } from "./random_images.ts";
import type { StepAnswer, StepRequest } from "./step.ts";
import { trainSteps } from "./train_steps.ts";

const CONTROLS = { lr: 0.01, momentum: 0.9 };
/** Of images with masks; the peer's is the same. */
const MASK_LOSS: LossSpec = {
  name: "sum",
  components: [
    { name: "dice", smoothing: 1, include_background: false, weight: 1 },
    { name: "cross_entropy", label_smoothing: 0, weight: 1 },
  ],
};
/** A run of its own: opens a device, then times steps as often as it is asked to. */
let learner: PlainLearner | null = null;
let batches: Batch[] = [];

self.onmessage = async ({ data: request }: MessageEvent<StepRequest>) => {
  try {
    if (request.kind === "open") reply(await open(request));
    else if (request.kind === "update") reply(await update(request.steps));
    else if (request.kind === "host") reply(await host());
    else reply(await evaluate());
  } catch (error) {
    reply({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
};

async function open(
  { backend, model: name, size, batch, threads }: StepRequest & { kind: "open" },
): Promise<StepAnswer> {
  const device = await openDevice(backend, threads);
  const { labelUnit = "image" } = MODELS[name]!;
  const data = anyData(labelUnit, Math.max(256, batch), size);
  const model = buildModel(name, data.shape, data.classes.length, labelUnit);
  learner = await device.createLearner({
    model,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: true, weight_decay: 5e-4, clip_norm: null },
    ...(labelUnit === "pixel" && { loss: MASK_LOSS }),
    data,
    batchSize: batch,
    initial: initialWeights(model, 1),
  });
  const augment = labelUnit === "token" ? [] : ["crop", "flip"] as const;
  const plan = { seed: 1, count: data.train.count, batchSize: batch, augment };
  batches = [...epochBatches(plan, 0)].filter(({ indices }) => indices.length === batch);
  const memory = "memoryBytes" in learner ? learner.memoryBytes as number * threads : null;
  return { kind: "open", device: device.info, memoryBytes: memory };
}

async function openDevice(backend: Backend | "tfjs", threads: number): Promise<PlainDevice> {
  if (backend === "tfjs") {
    return await (await import("#compute/tfjs/device.ts")).openTfjsDevice("stock webgpu");
  }
  return backend === "wasm" ? await openWasmDevice({ threads }) : await openBackend(backend, "");
}

async function update(steps: number): Promise<StepAnswer> {
  const start = performance.now();
  await trainSteps(learner!, batches, CONTROLS, steps);
  return { kind: "took", ms: performance.now() - start };
}

async function host(): Promise<StepAnswer> {
  const { hostMs } = await import("./host.ts");
  return { kind: "took", ms: await hostMs(learner as WebgpuLearner, batches[0]!, CONTROLS) };
}

async function evaluate(): Promise<StepAnswer> {
  const start = performance.now();
  const { count } = await learner!.evaluate("validation");
  return { kind: "took", ms: (performance.now() - start) / count };
}

function reply(answer: StepAnswer): void {
  self.postMessage(answer);
}
