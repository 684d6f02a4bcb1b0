import type { Split } from "#train/data.ts";
import type { Batch, Evaluation } from "#train/learner.ts";
import { plainBatch } from "../plain_batch.ts";
import type { MaskLosses } from "../segmentation.ts";
import type { Dispatch, Slice } from "./dispatch.ts";
import type { DropoutMaskInput } from "./dropout_mask.ts";
import type { Gpu } from "./gpu.ts";
import type { Program } from "./program.ts";
import type { Programs } from "./programs.ts";

/** What goes through the network at a time, with the program for its size. */
export interface Piece {
  readonly piece: Batch;
  readonly program: Program;
  /** Number of its first image in the step. */
  readonly start: number;
}

/** The step that a piece belongs to. */
export interface MaskStep {
  /** Of the components of the loss. */
  readonly weights: readonly number[];
  readonly images: number;
  /** Whose dropout masks are taken; `null` where nothing is dropped. */
  readonly step: number | null;
}

/** Passes over images with masks: the host computes the loss, so logits come to it and their gradient goes back. */
export class MaskPass {
  readonly losses: MaskLosses;
  readonly #gpu: Gpu;
  readonly #programs: Programs;
  readonly #dropoutMask: DropoutMaskInput;
  /** Where a step's loss is kept on the device. */
  readonly #loss: Slice;

  constructor(gpu: Gpu, losses: MaskLosses, programs: Programs, dropoutMask: DropoutMaskInput, loss: Slice) {
    this.#gpu = gpu;
    this.losses = losses;
    this.#programs = programs;
    this.#dropoutMask = dropoutMask;
    this.#loss = loss;
  }

  /** A piece of a step, forward and backward, then `after`; its losses by component, summed over its images. */
  async train(
    { piece, program, start }: Piece,
    after: readonly Dispatch[],
    { weights, images, step }: MaskStep,
  ): Promise<Float64Array> {
    const { forward, backward, logitsGradient } = program.byHost!;
    this.#programs.source("train").send(piece, program.items);
    if (step !== null) this.#dropoutMask.send(step, start);
    this.#gpu.queue.run(forward);
    const logits = new Float32Array(await this.#gpu.read(program.logits));
    const gradient = new Float32Array(logits.length);
    const sums = this.losses.step(piece, logits, weights, gradient, 1 / images);
    const { buffer, offset } = this.#loss;
    this.#gpu.queue.write(logitsGradient, 0, gradient);
    this.#gpu.queue.write(buffer, offset, Float32Array.of(this.losses.applied(sums, weights, images).loss));
    this.#gpu.queue.run([...backward, ...after]);
    return sums;
  }

  /** Loss and scores over a split of `count` images, `most` of them at a time. */
  async evaluate(split: Split, count: number, most: number): Promise<Evaluation> {
    const sums = this.losses.emptySums();
    for (let start = 0; start < count; start += most) {
      const batch = plainBatch(start, Math.min(most, count - start));
      const program = this.#programs.get("inference", split, batch.indices.length);
      this.#programs.source(split).send(batch, program.items);
      this.#gpu.queue.run(program.dispatches);
      this.losses.judge(split, batch, new Float32Array(await this.#gpu.read(program.logits)), sums);
    }
    return this.losses.evaluation(sums, count);
  }
}
