import { labelsPerImage } from "#train/batches.ts";
import type { Split } from "#train/data.ts";
import { CROSS_ENTROPY } from "#train/loss.ts";
import type { LearnerOptions } from "../device.ts";
import { hasHostLosses } from "../segmentation.ts";
import {
  inferenceProgram,
  type Program,
  type ProgramOptions,
  statisticsProgram,
  trainingProgram,
} from "./program.ts";
import type { Replicas } from "./replicas.ts";
import type { Source } from "./source.ts";
import { type SharedSources, Sources } from "./sources.ts";
import type { Store } from "./store.ts";

export type { Sources };

export type ProgramKind = "training" | "gradients" | "statistics" | "inference";

/** Buffers that programs read beside the store's. */
export interface ProgramInputs {
  readonly controls: GPUBuffer;
  readonly dropoutMask: GPUBuffer | undefined;
}

/** A learner's programs, each recorded when it is first asked for, and its share in the images that they read. */
export class Programs implements Disposable {
  readonly #replicas: Replicas;
  readonly #options: LearnerOptions;
  readonly #store: Store;
  readonly #inputs: ProgramInputs;
  readonly #sources: SharedSources;
  readonly #ownSources: Sources | null;
  readonly #programs = new Map<string, Program>();

  constructor(
    replicas: Replicas,
    options: LearnerOptions,
    { sources, store, inputs }: {
      /** Shared with other learners; absent: its own. */
      readonly sources: Sources | undefined;
      readonly store: Store;
      readonly inputs: ProgramInputs;
    },
  ) {
    this.#replicas = replicas;
    this.#ownSources = sources ? null : new Sources(replicas.gpu);
    this.#sources = (sources ?? this.#ownSources!).open(options.data);
    this.#options = options;
    this.#store = store;
    this.#inputs = inputs;
  }

  /** The program for so many images at a time. */
  get(kind: ProgramKind, split: Split, images: number): Program {
    return remembered(this.#programs, `${kind} ${split} ${images}`, () => {
      const { model, data, loss = CROSS_ENTROPY } = this.#options;
      const { controls, dropoutMask } = this.#inputs;
      const options: ProgramOptions = {
        replicas: this.#replicas,
        model,
        batch: images,
        source: this.source(split),
        store: this.#store,
        loss,
        labels: hasHostLosses(this.#options) ? null : labelsPerImage(data),
      };
      if (kind === "inference") return inferenceProgram(options);
      if (kind === "statistics") return statisticsProgram(options, controls);
      return trainingProgram(options, controls, kind === "training" ? dropoutMask : undefined);
    });
  }

  source(split: Split): Source {
    return this.#sources.get(split);
  }

  [Symbol.dispose](): void {
    for (const owned of [this.#sources, ...this.#programs.values()]) owned[Symbol.dispose]();
    this.#ownSources?.[Symbol.dispose]();
    this.#programs.clear();
  }
}

function remembered<K, V>(cache: Map<K, V>, key: K, make: () => V): V {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  return made;
}
