import type { Split, TrainingData } from "#train/data.ts";
import type { Gpu } from "./gpu.ts";
import { Source } from "./source.ts";

/** The splits of one data set on a device. */
interface Held {
  readonly splits: Map<Split, Source>;
  /** Learners that gather from it. */
  users: number;
}

/**
 * Data sets on a device. Its learners share them, also one after the other: a worker's next run finds the images of the
 * one before. What no learner uses is freed when one comes with other data, or with the device.
 */
export class Sources implements Disposable {
  readonly #gpu: Gpu;
  readonly #held = new Map<TrainingData, Held>();

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** Data for a learner, uploaded split by split when asked for; to be disposed of with the learner. */
  open(data: TrainingData): SharedSources {
    for (const [other, { splits, users }] of this.#held) {
      if (other === data || users > 0) continue;
      free(splits);
      this.#held.delete(other);
    }
    const held = this.#held.get(data) ?? { splits: new Map(), users: 0 };
    this.#held.set(data, held);
    held.users++;
    return {
      get: (split) => {
        const source = held.splits.get(split) ?? new Source(this.#gpu, data, split);
        held.splits.set(split, source);
        return source;
      },
      [Symbol.dispose]: () => {
        held.users--;
      },
    };
  }

  [Symbol.dispose](): void {
    for (const { splits } of this.#held.values()) free(splits);
    this.#held.clear();
  }
}

/** One learner's share in {@link Sources}. */
export interface SharedSources extends Disposable {
  get(split: Split): Source;
}

function free(splits: ReadonlyMap<Split, Source>): void {
  for (const source of splits.values()) source[Symbol.dispose]();
}
