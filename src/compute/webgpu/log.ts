import type { AppliedUpdate } from "#train/learner.ts";
import type { Gpu } from "./gpu.ts";
import { LOG_VALUES } from "./kernels/loss.ts";

/** Steps that the log on the GPU holds. A full one is read while training continues. */
const PLACES = 1024;

/** Log of the applied steps, on the GPU until somebody asks. */
export class UpdateLog implements Disposable {
  readonly buffer: GPUBuffer;
  readonly #gpu: Gpu;
  readonly #norms: boolean;
  #place = 0;
  /** Logs that were full before anybody asked for them. */
  #full: Promise<ArrayBuffer>[] = [];

  /** `norms`: true where steps log the norm of their gradient. */
  constructor(gpu: Gpu, norms: boolean) {
    this.#gpu = gpu;
    this.#norms = norms;
    this.buffer = gpu.createBuffer("log", PLACES * LOG_VALUES * 4);
  }

  /** Place of the next step in the log. */
  get place(): number {
    return this.#place;
  }

  /** A step was submitted that writes itself at {@link place}. */
  advance(): void {
    if (++this.#place === PLACES) this.#take();
  }

  /** The steps since the last call, in order. */
  async read(): Promise<readonly AppliedUpdate[]> {
    if (this.#place > 0) this.#take();
    const logs = this.#full;
    this.#full = [];
    return (await Promise.all(logs)).flatMap((bytes) => {
      const values = new Float32Array(bytes);
      return Array.from({ length: values.length / LOG_VALUES }, (_, place) => {
        const [loss, lr, momentum, gradientNorm] = values.subarray(place * LOG_VALUES);
        return {
          loss: loss!,
          lr: lr!,
          momentum: momentum!,
          ...(this.#norms && { gradientNorm: gradientNorm! }),
        };
      });
    });
  }

  [Symbol.dispose](): void {
    this.buffer.destroy();
  }

  /** Takes what is in the log, in the order of the queue, and starts it anew. */
  #take(): void {
    const log = this.#gpu.read(this.buffer, this.#place * LOG_VALUES * 4);
    // Whoever awaits the losses sees the error; nobody may ever do so.
    log.catch(() => {});
    this.#full.push(log);
    this.#place = 0;
  }
}
