import type {
  AppliedUpdate,
  Batch,
  Controls,
  Gradients,
  LearnerState,
  OptimizerSpec,
} from "#train/learner.ts";
import type { LearnerOptions } from "../device.ts";
import { checkBatch, checkStatisticsBatch } from "../requests.ts";
import { dropoutStep } from "../dropout_layers.ts";
import { BATCH_NORM_DECAY } from "../layers/batch_norm.ts";
import { cutBatch } from "../plain_batch.ts";
import { packPass } from "./controls.ts";
import type { Dispatch } from "./dispatch.ts";
import { DropoutMaskInput } from "./dropout_mask.ts";
import type { Gpu } from "./gpu.ts";
import { UpdateLog } from "./log.ts";
import type { Program } from "./program.ts";
import { type ProgramKind, Programs, type Sources } from "./programs.ts";
import { Replicas } from "./replicas.ts";
import { packItems } from "./source.ts";
import { Store } from "./store.ts";
import { Updater } from "./updater.ts";

/** Images of an evaluation at a time, of all replicas together. */
const EVALUATION_BATCH = 256;

/** What a replica has of its own. */
export type ReplicaRun = Pick<LearnerOptions, "optimizer" | "dropoutSeed" | "initial">;

/** One replica's share in a pass over as many images as the others'. */
export interface ReplicaBatch {
  readonly replica: number;
  readonly batch: Batch;
}

/** One replica's share in a step. */
export interface ReplicaStep extends ReplicaBatch {
  readonly controls: Controls;
}

/** Pieces of batches that go through the network at a time, with the program for their size. */
export interface ReplicaPieces {
  readonly program: Program;
  readonly pieces: readonly ReplicaBatch[];
  /** Number of their first image in the step. */
  readonly start: number;
  readonly first: boolean;
  readonly last: boolean;
}

/**
 * Replicas of a model with their programs, recorded once: a step queues each one's batch, rates and momentum, and the same
 * dispatches for all. Whoever takes part in a call is named in rising order; the others stay as they are, to the bit.
 */
export class ReplicaGroup implements Disposable {
  readonly gpu: Gpu;
  readonly replicas: Replicas;
  readonly options: LearnerOptions;
  readonly store: Store;
  readonly log: UpdateLog;
  readonly updater: Updater;
  readonly dropoutMask: DropoutMaskInput;
  readonly programs: Programs;
  /** Of each replica, with its own decay. */
  readonly #optimizers: OptimizerSpec[];

  /**
   * @param options what all replicas have in common; what is of a run alone, see {@link begin}.
   * @param sources data on the device, shared with other learners; absent: its own.
   * @throws {RangeError} where a buffer would be beyond the device's limit.
   */
  constructor(gpu: Gpu, options: LearnerOptions, count: number, sources?: Sources) {
    this.gpu = gpu;
    this.options = options;
    const replicas = this.replicas = new Replicas(gpu, count);
    this.store = new Store(replicas, options);
    this.log = new UpdateLog(replicas, options.gradientNorms ?? false);
    this.updater = new Updater(replicas, options, this.store, this.log.buffer);
    this.dropoutMask = new DropoutMaskInput(replicas, options);
    this.#optimizers = Array.from({ length: count }, () => options.optimizer);
    this.programs = new Programs(replicas, options, {
      sources,
      store: this.store,
      inputs: { controls: this.updater.controls, dropoutMask: this.dropoutMask.buffer },
    });
  }

  /** Records what a step of a whole batch and an evaluation need, and waits until it is there. */
  async prepare(): Promise<void> {
    this.programs.get("training", "train", this.options.batchSize);
    const held = Math.min(this.evaluationBatch, this.options.data.validation.count);
    if (held > 0) this.programs.get("inference", "validation", held);
    await this.settle();
  }

  /** Begins a run in a replica's place. */
  begin(replica: number, { optimizer, dropoutSeed = 0, initial }: ReplicaRun): void {
    this.#optimizers[replica] = optimizer;
    this.dropoutMask.begin(replica, dropoutSeed);
    this.log.begin(replica);
    this.store.begin(replica, initial);
  }

  /** Waits until the device has done what was asked of it. */
  async settle(): Promise<void> {
    this.gpu.queue.flush();
    await this.gpu.device.queue.onSubmittedWorkDone();
    this.gpu.assertHealthy();
  }

  update(steps: readonly ReplicaStep[]): void {
    const taking = steps.map(({ replica }) => replica);
    for (const dispatches of this.parts(steps)) this.replicas.run(dispatches, taking);
    this.log.advance(taking);
  }

  /** Queues the input of each part of a step, and yields the dispatches that then have to run. */
  *parts(steps: readonly ReplicaStep[]): Generator<readonly Dispatch[]> {
    const numbered = steps.flatMap(({ replica, controls }) => {
      const step = dropoutStep(this.options.model, controls);
      return step === null ? [] : [{ replica, step }];
    });
    this.sendControls(steps);
    for (const { pieces, program, start, ...part } of this.pieces(steps, "training")) {
      this.sendItems(program, pieces);
      if (numbered.length > 0) this.dropoutMask.send(numbered, start);
      yield [...program.dispatches, ...this.updater.after(part)];
    }
  }

  /** Queues rates and momenta of a step. */
  sendControls(steps: readonly ReplicaStep[]): void {
    const inputs = steps.map(({ replica, controls }) => ({
      replica,
      controls,
      optimizer: this.#optimizers[replica]!,
      place: this.log.place(replica),
    }));
    this.updater.send(inputs, imagesOf(steps));
  }

  /** Queues the images that a program gathers. */
  sendItems(program: Program, pieces: readonly ReplicaBatch[]): void {
    const values = pieces.map(({ replica, batch }) => ({ replica, values: packItems(batch) }));
    this.replicas.write(program.items, values);
  }

  /** Batches in pieces of what goes through the network at a time. */
  *pieces(
    batches: readonly ReplicaBatch[],
    kind: Extract<ProgramKind, "training" | "gradients">,
  ): Generator<ReplicaPieces> {
    const { batchSize } = this.options;
    const images = imagesOf(batches);
    for (let start = 0; start < images; start += batchSize) {
      const end = Math.min(images, start + batchSize);
      const program = this.programs.get(kind, "train", end - start);
      const pieces = batches.map(({ replica, batch }) => ({ replica, batch: cutBatch(batch, start, end) }));
      yield { program, pieces, start, first: start === 0, last: end === images };
    }
  }

  losses(replica: number): Promise<readonly AppliedUpdate[]> {
    return this.log.read(replica);
  }

  /** @throws {RangeError} for more images than go through the network at a time, or none. */
  checkStatisticsBatch({ indices: { length: images } }: Batch): void {
    checkStatisticsBatch(images, this.options.batchSize);
  }

  /** Of batches that {@link checkStatisticsBatch} took. */
  estimateStatistics(passes: readonly (ReplicaBatch & { readonly keep: number })[]): void {
    const images = imagesOf(passes);
    const program = this.programs.get("statistics", "train", images);
    this.sendItems(program, passes);
    this.updater.sendPass(
      passes.map(({ replica, keep }) => ({ replica, values: packPass({ images, keep }) })),
    );
    this.replicas.run(program.dispatches, passes.map(({ replica }) => replica));
  }

  async gradients(passes: readonly ReplicaBatch[]): Promise<Gradients[]> {
    this.sendGradientPass(passes);
    const taking = passes.map(({ replica }) => replica);
    for (const { pieces, program, ...part } of this.pieces(passes, "gradients")) {
      this.sendItems(program, pieces);
      this.replicas.run([...program.dispatches, ...this.updater.gather(part)], taking);
    }
    return await Promise.all(taking.map((replica) => this.store.readGradients(replica)));
  }

  /** Queues what a pass for gradients alone reads. */
  sendGradientPass(passes: readonly ReplicaBatch[]): void {
    const values = packPass({ images: imagesOf(passes), keep: BATCH_NORM_DECAY });
    this.updater.sendPass(passes.map(({ replica }) => ({ replica, values })));
  }

  save(replica: number): Promise<LearnerState> {
    return this.store.save(replica);
  }

  /** Images of an evaluation at a time. Masks and text take the memory of a step for each: so many are known to fit. */
  get evaluationBatch(): number {
    const { batchSize, data } = this.options;
    if (data.labelUnit !== "image") return batchSize;
    return Math.max(batchSize, Math.floor(EVALUATION_BATCH / this.replicas.count));
  }

  [Symbol.dispose](): void {
    // What is queued names the buffers.
    this.gpu.queue.flush();
    const owned = [this.programs, this.updater, this.dropoutMask, this.log, this.store, this.replicas];
    for (const each of owned) each[Symbol.dispose]();
  }
}

/** Images of each of the batches, which have as many. @throws {RangeError} for none. */
function imagesOf(batches: readonly ReplicaBatch[]): number {
  const images = batches[0]!.batch.indices.length;
  checkBatch(images);
  return images;
}
