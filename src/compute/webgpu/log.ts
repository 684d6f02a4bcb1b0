import type { AppliedUpdate } from "#train/learner.ts";
import { LOG_VALUES } from "./kernels/loss.ts";
import type { Replicas } from "./replicas.ts";

/** Steps that the log on the GPU holds. A full one is read while training continues. */
const PLACES = 1024;
const STEP_BYTES = 4 * LOG_VALUES;

/** Part of a log that was taken: the steps of one replica. */
interface Taken {
  readonly steps: number;
  /** Of the replica's part in it. */
  readonly start: number;
  readonly log: Promise<ArrayBuffer>;
}

/** Log of the applied steps of each replica, on the GPU until somebody asks: then all are read at once. */
export class UpdateLog implements Disposable {
  readonly buffer: GPUBuffer;
  readonly #replicas: Replicas;
  readonly #norms: boolean;
  readonly #places: number[];
  /** What was read before anybody asked for it, by replica. */
  readonly #taken: Taken[][];

  /** `norms`: true where steps log the norm of their gradient. */
  constructor(replicas: Replicas, norms: boolean) {
    this.#replicas = replicas;
    this.#norms = norms;
    this.#places = Array.from({ length: replicas.count }, () => 0);
    this.#taken = this.#places.map(() => []);
    this.buffer = replicas.buffer("log", PLACES * STEP_BYTES);
  }

  /** A run begins in a replica's place. */
  begin(replica: number): void {
    this.#places[replica] = 0;
    this.#taken[replica] = [];
  }

  /** Place of a replica's next step in the log. */
  place(replica: number): number {
    return this.#places[replica]!;
  }

  /** Steps were submitted that write themselves at {@link place}. */
  advance(replicas: readonly number[]): void {
    for (const replica of replicas) this.#places[replica]!++;
    if (replicas.some((replica) => this.#places[replica] === PLACES)) this.#take();
  }

  /** The steps of a replica since the last call, in order. */
  async read(replica: number): Promise<readonly AppliedUpdate[]> {
    if (this.#places[replica]! > 0) this.#take();
    const taken = this.#taken[replica]!;
    this.#taken[replica] = [];
    const steps = await Promise.all(taken.map(async ({ steps, start, log }) => {
      const values = new Float32Array(await log, start, steps * LOG_VALUES);
      return Array.from({ length: steps }, (_, place) => this.#step(values.subarray(place * LOG_VALUES)));
    }));
    return steps.flat();
  }

  [Symbol.dispose](): void {
    this.buffer.destroy();
  }

  #step([loss, lr, momentum, gradientNorm]: Float32Array): AppliedUpdate {
    return {
      loss: loss!,
      lr: lr!,
      momentum: momentum!,
      ...(this.#norms && { gradientNorm: gradientNorm! }),
    };
  }

  /** Takes what is in the log, in the order of the queue, and starts it anew. */
  #take(): void {
    const last = this.#places.findLastIndex((steps) => steps > 0);
    const first = this.#places.findIndex((steps) => steps > 0);
    const [start, end] = [first, last].map((replica) => this.#replicas.start(this.buffer, replica)) as [
      number,
      number,
    ];
    const log = this.#replicas.gpu.read(this.buffer, end - start + this.#places[last]! * STEP_BYTES, start);
    // Whoever awaits the losses sees the error; nobody may ever do so.
    log.catch(() => {});
    this.#places.forEach((steps, replica) => {
      if (steps > 0) {
        this.#taken[replica]!.push({ steps, start: this.#replicas.start(this.buffer, replica) - start, log });
      }
      this.#places[replica] = 0;
    });
  }
}
