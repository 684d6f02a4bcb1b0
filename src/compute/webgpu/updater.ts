import type { Controls } from "#train/learner.ts";
import type { LearnerOptions } from "../device.ts";
import { controlValues, packControls } from "./controls.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Gpu } from "./gpu.ts";
import { logUpdate } from "./kernels/loss.ts";
import {
  BLOCK,
  keepGradients,
  moveAverage,
  norms,
  optimizerUpdate,
  squareSums,
  takeKept,
} from "./kernels/optimizer.ts";
import { ruleOf } from "./kernels/optimizer_rules.ts";
import { recordStages } from "./optimizer_stages.ts";
import { Recorder } from "./recorder.ts";
import type { Store } from "./store.ts";

/** The place of a part among those of a batch. */
interface PartEnds {
  readonly first: boolean;
  readonly last: boolean;
}

/** The optimizer's step by the gradients in the store: all batch sizes share it. */
export class Updater implements Disposable {
  /** Input of each step, as `controls.ts` lays it out. */
  readonly controls: GPUBuffer;
  readonly #gpu: Gpu;
  readonly #options: LearnerOptions;
  readonly #store: Store;
  readonly #share: GPUBuffer;
  readonly #update: Recorder;
  readonly #keep: Recorder;
  readonly #take: Recorder;
  readonly #averages = new Map<string, Recorder>();

  constructor(gpu: Gpu, options: LearnerOptions, store: Store, log: GPUBuffer) {
    this.#gpu = gpu;
    this.#options = options;
    this.#store = store;
    this.controls = gpu.createBuffer("controls", 4 * controlValues(options.optimizer));
    this.#share = gpu.createBuffer("share", 4);
    this.#update = this.#recordUpdate(log);
    const { length, gradients, accumulated, weights } = store;
    this.#keep = recorded(gpu, (it) => it.run(keepGradients(length + BLOCK), gradients, accumulated));
    this.#take = recorded(gpu, (it) => it.run(takeKept(length + BLOCK), gradients, accumulated));
    for (const [name, average] of store.averages) {
      this.#averages.set(
        name,
        recorded(gpu, (it) => it.run(moveAverage(length), weights, this.#share, average)),
      );
    }
  }

  /** Queues what the next step reads; groups that move have then had one more. */
  send(controls: Controls, where: { readonly images: number; readonly place: number }): void {
    this.#write(packControls(this.#options.optimizer, controls, this.#store, where));
  }

  /** Queues what the next pass that makes no step reads: see `packPass`. */
  sendPass(values: Float32Array<ArrayBuffer>): void {
    this.#write(values);
  }

  /** The dispatches behind the gradients of a part of a batch: behind the last one they are those of all parts. */
  gather({ first, last }: PartEnds): readonly Dispatch[] {
    if (!last) return this.#keep.dispatches;
    return first ? [] : this.#take.dispatches;
  }

  /** The same for a part of a step, which ends with the update. */
  after(part: PartEnds): readonly Dispatch[] {
    return [...this.gather(part), ...(part.last ? this.#update.dispatches : [])];
  }

  /** @throws {RangeError} for a name that there is no average of. */
  average(name: string, share: number): void {
    const move = this.#averages.get(name);
    if (!move) {
      const known = [...this.#averages.keys()].join(", ") || "none";
      throw new RangeError(`No average is called ${JSON.stringify(name)}; there is ${known}`);
    }
    this.#gpu.queue.write(this.#share, 0, Float32Array.of(share));
    this.#gpu.queue.run(move.dispatches);
  }

  [Symbol.dispose](): void {
    for (const buffer of [this.controls, this.#share, ...this.#update.buffers]) buffer.destroy();
  }

  #write(values: Float32Array<ArrayBuffer>): void {
    this.#gpu.queue.write(this.controls, 0, values);
  }

  /** Norm where it is needed, step, log. */
  #recordUpdate(log: GPUBuffer): Recorder {
    const { optimizer, gradientNorms = false } = this.#options;
    const { length, gradients, blocks, weights, slots, loss } = this.#store;
    const { clip_norm, clip_value = null } = optimizer;
    return recorded(this.#gpu, (it) => {
      const both = it.buffer("norms", 2);
      if (gradientNorms || clip_norm !== null) {
        const { kernel, parts } = squareSums(length, clip_value);
        const partial = it.buffer("square sums", 2 * parts);
        it.run(kernel, gradients, this.controls, blocks, partial);
        it.run(norms(parts, clip_norm), partial, both);
      }
      const rule = ruleOf(optimizer);
      if ("staged" in rule) {
        const { controls } = this;
        recordStages(it, rule.staged, { optimizer, store: this.#store, controls, norms: both });
      } else {
        const factor = clip_norm === null ? [] : [both];
        const update = optimizerUpdate(length, optimizer, rule.whole);
        it.run(update, gradients, this.controls, blocks, ...factor, weights, ...slots);
      }
      it.run(logUpdate(), loss, both, this.controls, log);
    });
  }
}

function recorded(gpu: Gpu, record: (recorder: Recorder) => void): Recorder {
  const recorder = new Recorder(gpu);
  record(recorder);
  return recorder;
}
