import type { SgdSpec } from "#train/optimizer.ts";
import type { Model } from "../model.ts";
import { type Dispatch, encode } from "./dispatch.ts";
import type { Gpu } from "./gpu.ts";
import { gatherBatch } from "./kernels/gather.ts";
import { crossEntropy, ITEM_WORDS, logUpdate } from "./kernels/loss.ts";
import { clipFactor, sgd, squareSums } from "./kernels/sgd.ts";
import { Recorder } from "./recorder.ts";
import { backward } from "./backward.ts";
import { forward, type Mode } from "./forward.ts";
import { type Recorded, stagesOf } from "./stages.ts";
import type { Source } from "./source.ts";
import type { Store } from "./store.ts";

/**
 * Everything one step does, recorded once for a batch size and replayed with other images, rates and momenta: these
 * are buffers that the host writes, everything else never leaves the GPU.
 */
export class Program implements Disposable {
  readonly batch: number;
  /** `[batch, 2]`, what to gather; `[batch, height, width, channels]`, what was gathered. */
  readonly inputs: { readonly items: GPUBuffer; readonly images: GPUBuffer };
  /** `[batch, 2]`: loss and hit of each image. */
  readonly results: GPUBuffer;
  /** `[batch, classes]` */
  readonly logits: GPUBuffer;
  readonly #recorder: Recorder;

  constructor(recorder: Recorder, batch: number, buffers: Pick<Program, "inputs" | "results" | "logits">) {
    this.#recorder = recorder;
    this.batch = batch;
    this.inputs = buffers.inputs;
    this.results = buffers.results;
    this.logits = buffers.logits;
  }

  get dispatches(): readonly Dispatch[] {
    return this.#recorder.dispatches;
  }

  encode(encoder: GPUCommandEncoder): void {
    const pass = encoder.beginComputePass();
    encode(pass, this.dispatches);
    pass.end();
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#recorder.buffers) buffer.destroy();
  }
}

export interface ProgramOptions {
  readonly gpu: Gpu;
  readonly model: Model;
  readonly batch: number;
  readonly source: Source;
  readonly store: Store;
}

export interface Update {
  readonly optimizer: SgdSpec;
  /** `[lr, momentum, place in the log]` */
  readonly controls: GPUBuffer;
  readonly log: GPUBuffer;
}

/** Gather, forward in training mode, loss, log, backward, clip, update. */
export function trainingProgram(
  options: ProgramOptions,
  update: Update,
): Program {
  const { gpu, batch, store } = options;
  const recorder = new Recorder(gpu);
  const start = recordForward(recorder, options, "training");
  recorder.run(logUpdate(batch), start.results, update.controls, update.log);
  let gradient = start.dlogits;
  for (let index = start.stages.length - 1; index >= 0; index--) {
    // The first stage's input is the images, which nobody needs a gradient for.
    const passed = backward(recorder, start.stages[index]!, store, gradient, {
      needsInput: index > 0,
      maskInput: index > 0 && start.stages[index - 1]!.relu,
    });
    if (passed) gradient = passed;
  }
  recordUpdate(recorder, store, update);
  return new Program(recorder, batch, start);
}

/** Gather, forward in inference mode, loss and hit of each image. */
export function inferenceProgram(options: ProgramOptions): Program {
  const recorder = new Recorder(options.gpu);
  return new Program(recorder, options.batch, recordForward(recorder, options, "inference"));
}

function recordForward(recorder: Recorder, options: ProgramOptions, mode: Mode) {
  const { model, batch, source, store } = options;
  const [height, width, channels] = model.input;
  const inputs = {
    items: recorder.buffer("batch items", batch * ITEM_WORDS),
    images: recorder.buffer("batch images", batch * height * width * channels),
  };
  if (source.pixels) {
    recorder.run(gatherBatch(batch, model.input), source.pixels, source.table, inputs.items, inputs.images);
  }
  const stages: Recorded[] = [];
  let x = inputs.images;
  for (const stage of stagesOf(model, batch)) {
    const done = forward(recorder, stage, store, x, mode);
    stages.push(done);
    x = done.y;
  }
  const results = recorder.buffer("batch results", 2 * batch);
  const dlogits = recorder.buffer("logits gradient", batch * model.classes);
  recorder.run(crossEntropy(batch, model.classes), x, inputs.items, source.labels, results, dlogits);
  return { inputs, stages, logits: x, results, dlogits };
}

function recordUpdate(recorder: Recorder, store: Store, { optimizer, controls }: Update): void {
  const { weight_decay: weightDecay, nesterov, clip_norm: bound } = optimizer;
  const factor: GPUBuffer[] = [];
  if (bound !== null) {
    const { kernel: squares, parts } = squareSums(store.length);
    const [partial, clip] = [recorder.buffer("square sums", parts), recorder.buffer("clip factor", 1)];
    recorder.run(squares, store.gradients, partial);
    recorder.run(clipFactor(parts, bound), partial, clip);
    factor.push(clip);
  }
  const kernel = sgd(store.length, { weightDecay, nesterov, clip: bound !== null });
  recorder.run(kernel, store.gradients, controls, ...factor, store.weights, store.velocities);
}
