import type { Split } from "#train/data.ts";
import type { Batch, Controls, Evaluation, Gradients } from "#train/learner.ts";
import { plainBatch } from "../plain_batch.ts";
import type { MaskLosses } from "../segmentation.ts";
import type { Dispatch } from "./dispatch.ts";
import type { ReplicaGroup, ReplicaPieces } from "./replica_group.ts";

/** The step that a piece belongs to. */
export interface MaskStep {
  /** Of the components of the loss. */
  readonly weights: readonly number[];
  readonly images: number;
  /** Whose dropout masks are taken; `null` where nothing is dropped. */
  readonly step: number | null;
}

/**
 * Passes of a group of one over images with masks: the host computes the loss, so logits come to it and their gradient
 * goes back.
 */
export class MaskPass {
  readonly losses: MaskLosses;
  readonly #group: ReplicaGroup;

  constructor(group: ReplicaGroup, losses: MaskLosses) {
    this.#group = group;
    this.losses = losses;
  }

  /** A piece of a step, forward and backward, then `after`; its losses by component, summed over its images. */
  async train(
    { pieces, program, start }: ReplicaPieces,
    after: readonly Dispatch[],
    { weights, images, step }: MaskStep,
  ): Promise<Float64Array> {
    const { gpu, store, dropoutMask } = this.#group;
    const { forward, backward, logitsGradient } = program.byHost!;
    const { replica, batch } = pieces[0]!;
    this.#group.sendItems(program, pieces);
    if (step !== null) dropoutMask.send([{ replica, step }], start);
    gpu.queue.run(forward);
    const logits = new Float32Array(await gpu.read(program.logits));
    const gradient = new Float32Array(logits.length);
    const sums = this.losses.step(batch, logits, weights, gradient, 1 / images);
    const { buffer, offset } = store.loss;
    gpu.queue.write(logitsGradient, 0, gradient);
    gpu.queue.write(buffer, offset, Float32Array.of(this.losses.applied(sums, weights, images).loss));
    gpu.queue.run([...backward, ...after]);
    return sums;
  }

  /** The gradients of a batch at the weights as they are. */
  async gradients(batch: Batch, lossWeights: Controls["lossWeights"]): Promise<Gradients> {
    const { updater, store } = this.#group;
    const weights = this.losses.weights({ lossWeights });
    const whole = [{ replica: 0, batch }];
    this.#group.sendGradientPass(whole);
    for (const pieces of this.#group.pieces(whole, "gradients")) {
      await this.train(pieces, updater.gather(pieces), { weights, images: batch.indices.length, step: null });
    }
    return await store.readGradients(0);
  }

  /** Loss and scores over a split of `count` images. */
  async evaluate(split: Split, count: number): Promise<Evaluation> {
    const { gpu, programs, evaluationBatch } = this.#group;
    const sums = this.losses.emptySums();
    for (let start = 0; start < count; start += evaluationBatch) {
      const batch = plainBatch(start, Math.min(evaluationBatch, count - start));
      const program = programs.get("inference", split, batch.indices.length);
      this.#group.sendItems(program, [{ replica: 0, batch }]);
      gpu.queue.run(program.dispatches);
      this.losses.judge(split, batch, new Float32Array(await gpu.read(program.logits)), sums);
    }
    return this.losses.evaluation(sums, count);
  }
}
