import type { Split } from "#train/data.ts";
import type {
  AppliedUpdate,
  Batch,
  Controls,
  Evaluation,
  Gradients,
  Learner,
  LearnerState,
} from "#train/learner.ts";
import type { LearnerOptions } from "../device.ts";
import { checkEvaluated } from "../requests.ts";
import { dropoutStep } from "../dropout_layers.ts";
import { maskLosses } from "../segmentation.ts";
import type { Gpu } from "./gpu.ts";
import { evaluate, predict } from "./inference.ts";
import { MaskPass } from "./mask_pass.ts";
import { type KernelTime, profile } from "./profile.ts";
import type { Sources } from "./programs.ts";
import { ReplicaGroup } from "./replica_group.ts";

/** The one replica of its group. */
const replica = 0;
const ONE = [replica];

/**
 * Trains a model by programs that were recorded once: a step queues the batch's numbers, rates and momentum, and the
 * same dispatches again; some steps are submitted together. Losses stay on the GPU until they are asked for.
 */
export class WebgpuLearner implements Learner {
  readonly #gpu: Gpu;
  readonly #options: LearnerOptions;
  readonly #group: ReplicaGroup;
  /** `null` but for images with masks. */
  readonly #masks: MaskPass | null;
  /** Components of the loss of each step since the last `losses()`, where the host computes them. */
  #components: Pick<AppliedUpdate, "components">[] = [];

  /**
   * A learner that has what a step of a whole batch and an evaluation need.
   *
   * @throws {RangeError} where a buffer would be beyond the device's limit.
   * @throws {Error} where the device's memory does not suffice.
   */
  static async open(gpu: Gpu, options: LearnerOptions, sources?: Sources): Promise<WebgpuLearner> {
    const learner = new WebgpuLearner(gpu, options, sources);
    try {
      await learner.#group.prepare();
      return learner;
    } catch (error) {
      learner[Symbol.dispose]();
      throw error;
    }
  }

  /** @param sources data on the device, shared with other learners; absent: its own. */
  constructor(gpu: Gpu, options: LearnerOptions, sources?: Sources) {
    this.#gpu = gpu;
    this.#options = options;
    // A loss that does not fit is refused before anything is allocated on the device.
    const losses = maskLosses(options, options.batchSize);
    this.#group = new ReplicaGroup(gpu, options, 1, sources);
    this.#masks = losses && new MaskPass(this.#group, losses);
    this.#group.begin(replica, options);
  }

  update(batch: Batch, controls: Controls): void | Promise<void> {
    this.#gpu.assertHealthy();
    if (this.#masks) return this.#segment(batch, controls, this.#masks);
    this.#group.update([{ replica, batch, controls }]);
  }

  /** Waits until the device has done what was asked of it. */
  async settle(): Promise<void> {
    await this.#group.settle();
  }

  async losses(): Promise<readonly AppliedUpdate[]> {
    this.#gpu.assertHealthy();
    const components = this.#components;
    this.#components = [];
    return (await this.#group.losses(replica)).map((step, index) => ({ ...step, ...components[index] }));
  }

  async evaluate(split: Split): Promise<Evaluation> {
    this.#gpu.assertHealthy();
    const { count } = this.#options.data[split];
    checkEvaluated(split, count);
    if (this.#masks) return await this.#masks.evaluate(split, count);
    const [evaluation] = await evaluate(this.#group, split, ONE);
    return evaluation!;
  }

  async predict(split: Split, images?: readonly number[]): Promise<Float32Array> {
    this.#gpu.assertHealthy();
    const [logits] = await predict(this.#group, split, images, ONE);
    return logits!;
  }

  resetOptimizer(): void {
    this.#gpu.assertHealthy();
    this.#group.store.resetOptimizer(replica);
  }

  average(name: string, share: number): void {
    this.#gpu.assertHealthy();
    this.#group.updater.average(name, [{ replica, share }]);
  }

  estimateStatistics(batch: Batch, keep: number): void {
    this.#gpu.assertHealthy();
    this.#group.checkStatisticsBatch(batch);
    this.#group.estimateStatistics([{ replica, batch, keep }]);
  }

  async gradients(batch: Batch, lossWeights?: Controls["lossWeights"]): Promise<Gradients> {
    this.#gpu.assertHealthy();
    if (this.#masks) return await this.#masks.gradients(batch, lossWeights);
    const [gradients] = await this.#group.gradients([{ replica, batch }]);
    return gradients!;
  }

  async save(): Promise<LearnerState> {
    this.#gpu.assertHealthy();
    return await this.#group.save(replica);
  }

  load(state: LearnerState): Promise<void> {
    this.#gpu.assertHealthy();
    this.#group.store.load(replica, state);
    return Promise.resolve();
  }

  /** Runs one step and times each kernel of its last part on the device; `null` where it has no timestamps. */
  async profile(batch: Batch, controls: Controls): Promise<KernelTime[] | null> {
    this.#gpu.assertHealthy();
    let times: KernelTime[] | null = null;
    for (const dispatches of this.#group.parts([{ replica, batch, controls }])) {
      times = await profile(this.#gpu, dispatches);
    }
    return times;
  }

  [Symbol.dispose](): void {
    this.#group[Symbol.dispose]();
  }

  /** One step whose loss the host computes: logits come from the device, their gradient goes back to it. */
  async #segment(batch: Batch, controls: Controls, masks: MaskPass): Promise<void> {
    const weights = masks.losses.weights(controls);
    const step = dropoutStep(this.#options.model, controls);
    const images = batch.indices.length;
    this.#group.sendControls([{ replica, batch, controls }]);
    const sums = new Float64Array(masks.losses.sums);
    for (const pieces of this.#group.pieces([{ replica, batch }], "training")) {
      const own = await masks.train(pieces, this.#group.updater.after(pieces), { weights, images, step });
      own.forEach((sum, index) => sums[index]! += sum);
    }
    const { components } = masks.losses.applied(sums, weights, images);
    this.#components.push({ ...(components && { components }) });
    this.#group.log.advance(ONE);
  }
}
