import { CROSS_ENTROPY, labelLoss, type LossSpec } from "#train/loss.ts";
import type { Model } from "../model.ts";
import { logitsPerImage } from "../segmentation.ts";
import type { Dispatch, Slice } from "./dispatch.ts";
import { gatherBatch } from "./kernels/gather.ts";
import { ITEM_WORDS, type LabelRows, softmaxLoss, softmaxLossGradient, sumLosses } from "./kernels/loss.ts";
import { columnSums } from "./kernels/sums.ts";
import { Recorder } from "./recorder.ts";
import type { Replicas } from "./replicas.ts";
import { backward } from "./backward.ts";
import { forward } from "./forward.ts";
import type { Mode } from "./forward_place.ts";
import type { Source } from "./source.ts";
import type { Store } from "./store.ts";

export interface HostLossProgram {
  /** As the logits. */
  readonly logitsGradient: GPUBuffer;
  readonly forward: readonly Dispatch[];
  readonly backward: readonly Dispatch[];
}

/**
 * Everything one step does, recorded once for a batch size and replayed with other images, rates and momenta: these
 * are buffers that the host writes, everything else never leaves the GPU.
 */
export class Program implements Disposable {
  readonly batch: number;
  /** `[batch, 2]`, what to gather. */
  readonly items: GPUBuffer;
  /** `[batch, labels, 2]`: loss and hit of each label; unused where the host computes the loss. */
  readonly results: GPUBuffer;
  /** `[batch, classes]`, or `[batch, height, width, classes]`. */
  readonly logits: GPUBuffer;
  /** Of a step whose loss the host computes: where it writes the gradient, and what runs before and behind that. */
  readonly byHost: HostLossProgram | null;
  readonly #recorder: Recorder;

  constructor(
    recorder: Recorder,
    batch: number,
    buffers: Pick<Program, "items" | "results" | "logits">,
    byHost: HostLossProgram | null = null,
  ) {
    this.#recorder = recorder;
    this.batch = batch;
    this.items = buffers.items;
    this.results = buffers.results;
    this.logits = buffers.logits;
    this.byHost = byHost;
  }

  get dispatches(): readonly Dispatch[] {
    return this.#recorder.dispatches;
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#recorder.buffers) buffer.destroy();
  }
}

export interface ProgramOptions {
  readonly replicas: Replicas;
  readonly model: Model;
  readonly batch: number;
  readonly source: Source;
  readonly store: Store;
  /** The training loss. */
  readonly loss: LossSpec;
  /** Labels of each image; `null` where the host computes the loss. */
  readonly labels: number | null;
}

/**
 * Gather, forward in training mode, loss, backward: leaves loss and gradients in the store. Without `dropoutMask` nothing
 * is dropped.
 */
export function trainingProgram(
  options: ProgramOptions,
  controls: GPUBuffer,
  dropoutMask?: GPUBuffer,
): Program {
  const { replicas, batch, model, source, store, labels } = options;
  const recorder = new Recorder(replicas);
  const start = recordForward(recorder, options, {
    kind: "training",
    controls,
    ...(dropoutMask && { dropoutMask }),
  });
  const dlogits = recorder.buffer("logits gradient", batch * logitsPerImage(model));
  if (labels === null) {
    const forward = [...recorder.dispatches];
    backward(recorder, start.stages, store, dlogits, { needsInput: false, maskInput: false });
    const rest = recorder.dispatches.slice(forward.length);
    return new Program(recorder, batch, start, { logitsGradient: dlogits, forward, backward: rest });
  }
  const answers = [start.logits, start.items, source.labels];
  sumResults(recorder, start.results, { batch, each: labels, classes: model.classes }, controls, store.loss);
  recorder.run(
    softmaxLossGradient({ batch, each: labels, classes: model.classes }, labelLoss(options.loss)),
    ...answers,
    controls,
    dlogits,
  );
  // Nobody needs a gradient for the images.
  backward(recorder, start.stages, store, dlogits, { needsInput: false, maskInput: false });
  return new Program(recorder, batch, start);
}

/** The loss of a step from its rows; of many rows in two passes, since one invocation adds up the last. */
function sumResults(
  recorder: Recorder,
  results: GPUBuffer,
  { batch, each }: LabelRows,
  controls: GPUBuffer,
  loss: Slice,
): void {
  if (each === 1) return recorder.run(sumLosses(batch, each), results, controls, loss);
  const { kernel, parts } = columnSums(batch * each, 2, recorder.gpu.tuning);
  const partial = recorder.buffer("parts of the loss", 2 * parts);
  recorder.run(kernel, results, partial);
  recorder.run(sumLosses(parts, each), partial, controls, loss);
}

/** Gather, forward in training mode without dropout: moves batch norm's statistics, as the controls say, and nothing else. */
export function statisticsProgram(options: ProgramOptions, controls: GPUBuffer): Program {
  const recorder = new Recorder(options.replicas);
  return new Program(
    recorder,
    options.batch,
    recordForward(recorder, options, { kind: "training", controls }),
  );
}

/** Gather, forward in inference mode, loss and hit of each label. */
export function inferenceProgram(options: ProgramOptions): Program {
  const recorder = new Recorder(options.replicas);
  return new Program(recorder, options.batch, recordForward(recorder, options, { kind: "inference" }));
}

function recordForward(recorder: Recorder, options: ProgramOptions, mode: Mode) {
  const { model, batch, source, store, labels } = options;
  const [height, width, channels] = model.input;
  const items = recorder.buffer("batch items", batch * ITEM_WORDS);
  const images = recorder.buffer("batch images", batch * height * width * channels);
  for (const chunk of source.chunks) {
    recorder.run(gatherBatch(batch, model.input, chunk), chunk.pixels, source.table, items, images);
  }
  const { layers, input } = model;
  const { stages, y: logits } = forward(
    recorder,
    { layers, shape: [batch, ...input] },
    store,
    images,
    mode,
  );
  const results = recorder.buffer("batch results", 2 * batch * (labels ?? 1));
  if (labels === null) return { items, stages, logits, results };
  const loss = mode.kind === "training" ? labelLoss(options.loss) : CROSS_ENTROPY;
  const rows = { batch, each: labels, classes: model.classes };
  recorder.run(softmaxLoss(rows, loss), logits, items, source.labels, results);
  return { items, stages, logits, results };
}
