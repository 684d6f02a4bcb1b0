import type { Controls } from "#train/learner.ts";
import type { OptimizerSpec } from "#train/optimizer.ts";
import { checkAverage } from "../requests.ts";
import type { LearnerOptions } from "../device.ts";
import { controlValues, packControls } from "./controls.ts";
import type { Dispatch } from "./dispatch.ts";
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
import type { Replicas, ReplicaValues } from "./replicas.ts";
import type { Store } from "./store.ts";

/** The place of a part among those of a batch. */
interface PartEnds {
  readonly first: boolean;
  readonly last: boolean;
}

/** A replica's input of a step. */
export interface StepInput {
  readonly replica: number;
  readonly controls: Controls;
  /** With its own decay. */
  readonly optimizer: OptimizerSpec;
  /** In the log. */
  readonly place: number;
}

/** The optimizer's step by the gradients in the store: all batch sizes share it. */
export class Updater implements Disposable {
  /** Input of each step, as `controls.ts` lays it out. */
  readonly controls: GPUBuffer;
  readonly #replicas: Replicas;
  readonly #options: LearnerOptions;
  readonly #store: Store;
  readonly #share: GPUBuffer;
  readonly #update: Recorder;
  readonly #keep: Recorder;
  readonly #take: Recorder;
  readonly #averages = new Map<string, Recorder>();

  constructor(replicas: Replicas, options: LearnerOptions, store: Store, log: GPUBuffer) {
    this.#replicas = replicas;
    this.#options = options;
    this.#store = store;
    this.controls = replicas.buffer("controls", 4 * controlValues(options.optimizer));
    this.#share = replicas.buffer("share", 4);
    this.#update = this.#recordUpdate(log);
    const { length, gradients, accumulated, weights } = store;
    this.#keep = recorded(replicas, (it) => it.run(keepGradients(length + BLOCK), gradients, accumulated));
    this.#take = recorded(replicas, (it) => it.run(takeKept(length + BLOCK), gradients, accumulated));
    for (const [name, average] of store.averages) {
      this.#averages.set(
        name,
        recorded(replicas, (it) => it.run(moveAverage(length), weights, this.#share, average)),
      );
    }
  }

  /** Queues what the next step of `images` reads; groups that move have then had one more. */
  send(inputs: readonly StepInput[], images: number): void {
    this.sendPass(inputs.map(({ replica, controls, optimizer, place }) => ({
      replica,
      values: packControls(optimizer, controls, this.#store.held[replica]!, { images, place }),
    })));
  }

  /** Queues what the next pass that makes no step reads: see `packPass`. */
  sendPass(inputs: readonly ReplicaValues[]): void {
    this.#replicas.write(this.controls, inputs);
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

  /** Moves an average of some replicas by a share each. @throws {RangeError} for a name that there is no average of. */
  average(name: string, shares: readonly { readonly replica: number; readonly share: number }[]): void {
    this.assertAverage(name);
    this.#replicas.write(
      this.#share,
      shares.map(({ replica, share }) => ({ replica, values: Float32Array.of(share) })),
    );
    this.#replicas.run(this.#averages.get(name)!.dispatches, shares.map(({ replica }) => replica));
  }

  /** @throws {RangeError} for a name that there is no average of. */
  assertAverage(name: string): void {
    checkAverage(name, this.#averages.keys());
  }

  [Symbol.dispose](): void {
    for (const buffer of [this.controls, this.#share, ...this.#update.buffers]) buffer.destroy();
  }

  /** Norm where it is needed, step, log. */
  #recordUpdate(log: GPUBuffer): Recorder {
    const { optimizer, gradientNorms = false } = this.#options;
    const { length, gradients, blocks, weights, slots, loss } = this.#store;
    const { clip_norm, clip_value = null } = optimizer;
    return recorded(this.#replicas, (it) => {
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

function recorded(replicas: Replicas, record: (recorder: Recorder) => void): Recorder {
  const recorder = new Recorder(replicas);
  record(recorder);
  return recorder;
}
