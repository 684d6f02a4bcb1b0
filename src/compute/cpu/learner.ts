import { fillBatch } from "#train/batches.ts";
import type { Split, TrainingData } from "#train/data.ts";
import type { AppliedUpdate, Batch, Controls, Evaluation, Learner, LearnerState } from "#train/learner.ts";
import type { LearnerOptions } from "../device.ts";
import { plainBatch } from "../plain_batch.ts";
import { referenceGradients, referenceInference, type ReferenceState } from "../reference/model.ts";
import { sgdUpdate } from "../reference/sgd.ts";
import { checkState, slotName } from "../state.ts";

/** Images that one pass of an evaluation holds in memory. */
const EVALUATION_BATCH = 100;

/**
 * Trains with the plain loops that every other device is tested against: arithmetic in 64 bits, in JavaScript, on any
 * machine. What is kept between updates has 32 bits, as on the other devices, so a saved state loses nothing.
 */
export class CpuLearner implements Learner {
  readonly #options: LearnerOptions;
  #state: ReferenceState;
  #applied: AppliedUpdate[] = [];

  constructor(options: LearnerOptions) {
    this.#options = options;
    this.#state = copy(Object.fromEntries(checkState(options.model, options.initial)));
  }

  update(batch: Batch, { lr, momentum }: Controls): void {
    const { model, data, optimizer } = this.#options;
    const state = this.#state;
    const { images, labels } = inputs(data, batch);
    const { loss, gradients, moving } = referenceGradients(model, state, images, labels);
    const wide = (name: (parameter: string) => string) =>
      Object.fromEntries(
        Object.keys(gradients).map((parameter) => [
          parameter,
          Float64Array.from(state[name(parameter)]!.data),
        ]),
      );
    const variables = { weights: wide((parameter) => parameter), gradients, velocities: wide(slotName) };
    const applied = { lr: Math.fround(lr), momentum: Math.fround(momentum) };
    const { weights, velocities } = sgdUpdate(variables, optimizer, applied);
    const slots = Object.entries(velocities).map(([name, values]) => [slotName(name), values] as const);
    const changed = [...Object.entries({ ...weights, ...moving }), ...slots];
    const fresh = changed.map(([name, values]) =>
      [name, { shape: state[name]!.shape, data: Float32Array.from(values) }] as const
    );
    this.#state = { ...state, ...Object.fromEntries(fresh) };
    this.#applied.push({ ...applied, loss });
  }

  losses(): Promise<readonly AppliedUpdate[]> {
    const applied = this.#applied;
    this.#applied = [];
    return Promise.resolve(applied);
  }

  evaluate(split: Split): Promise<Evaluation> {
    const { model, data } = this.#options;
    const { count } = data[split];
    if (count === 0) return Promise.reject(new RangeError(`Cannot evaluate on ${split}: it has no images`));
    let [loss, correct] = [0, 0];
    for (let start = 0; start < count; start += EVALUATION_BATCH) {
      const batch = plainBatch(start, Math.min(EVALUATION_BATCH, count - start));
      const { images, labels } = inputs({ ...data, train: data[split] }, batch);
      const seen = referenceInference(model, this.#state, images, labels);
      loss += seen.loss * labels.length;
      correct += seen.correct;
    }
    return Promise.resolve({ loss: loss / count, accuracy: correct / count, count });
  }

  save(): Promise<LearnerState> {
    return Promise.resolve(copy(this.#state));
  }

  load(state: LearnerState): Promise<void> {
    return Promise.resolve().then(() => {
      this.#state = copy(Object.fromEntries(checkState(this.#options.model, state)));
    });
  }

  [Symbol.dispose](): void {
    this.#state = {};
    this.#applied = [];
  }
}

function inputs(data: TrainingData, batch: Batch): { images: Float32Array; labels: Uint8Array } {
  const [height, width, channels] = data.shape;
  const images = new Float32Array(batch.indices.length * height * width * channels);
  fillBatch(data, batch, images);
  return { images, labels: Uint8Array.from(batch.indices, (image) => data.train.labels[image]!) };
}

function copy(state: ReferenceState): LearnerState {
  const entries = Object.entries(state).map(([name, { shape, data }]) =>
    [name, { shape, data: Float32Array.from(data) }] as const
  );
  return Object.fromEntries(entries);
}
