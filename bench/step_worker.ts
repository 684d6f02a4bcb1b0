/// <reference lib="deno.worker" />
import type { Device } from "#compute/device.ts";
import { openBackend } from "#compute/devices.ts";
import { buildModel } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import { epochBatches } from "#train/batches.ts";
import type { Batch, Learner } from "#train/learner.ts";
import { noiseImages } from "./noise.ts";
import type { StepAnswer, StepRequest } from "./step.ts";

const CONTROLS = { lr: 0.01, momentum: 0.9 };
/** As often as the training loop. */
const UPDATES_PER_READ = 16;

/** A run of its own: opens a device, then times updates as often as it is asked to. */
let learner: Learner | null = null;
let batches: Batch[] = [];

self.onmessage = async ({ data: request }: MessageEvent<StepRequest>) => {
  try {
    if (request.kind === "open") reply(await open(request));
    else if (request.kind === "update") reply({ kind: "took", ms: await update(request.steps) });
    else reply(await evaluate());
  } catch (error) {
    reply({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
};

async function open(
  { backend, model: name, batch, threads }: StepRequest & { kind: "open" },
): Promise<StepAnswer> {
  const device: Device = backend === "wasm"
    ? await openWasmDevice({ threads })
    : await openBackend(backend, "");
  const data = noiseImages(Math.max(256, batch));
  const model = buildModel(name, data.shape, data.classes.length);
  learner = await device.createLearner({
    model,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: true, weight_decay: 5e-4, clip_norm: null },
    data,
    batchSize: batch,
    initial: initialWeights(model, 1),
  });
  const plan = { seed: 1, count: data.train.count, batchSize: batch, augment: ["crop", "flip"] as const };
  batches = [...epochBatches(plan, 0)].filter(({ indices }) => indices.length === batch);
  const memory = "memoryBytes" in learner ? learner.memoryBytes as number * threads : null;
  return { kind: "open", device: device.info, memoryBytes: memory };
}

async function update(steps: number): Promise<number> {
  const start = performance.now();
  for (let step = 0; step < steps; step++) {
    learner!.update(batches[step % batches.length]!, CONTROLS);
    if ((step + 1) % UPDATES_PER_READ === 0) await learner!.losses();
  }
  await learner!.losses();
  return performance.now() - start;
}

async function evaluate(): Promise<StepAnswer> {
  const start = performance.now();
  const { count } = await learner!.evaluate("validation");
  return { kind: "took", ms: (performance.now() - start) / count };
}

function reply(answer: StepAnswer): void {
  self.postMessage(answer);
}
