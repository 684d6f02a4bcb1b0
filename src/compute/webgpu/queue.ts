import { type Dispatch, encode } from "./dispatch.ts";

/** Bytes that the commands of one submission may bring with them; more are written at once. */
const STAGED_BYTES = 1 << 18;
/**
 * Lists of dispatches in one submission (a step is one, or two with an average): enough to share what a submission
 * costs, few enough that the GPU begins while the host prepares the next.
 */
export const RUNS_PER_SUBMISSION = 8;

/**
 * Commands in order, submitted some steps at a time. What a step reads (rates, images' numbers) is staged: each
 * queued step has a place of its own in the staging buffer, from which the GPU copies it when the step's turn comes.
 */
export class CommandQueue {
  readonly #device: GPUDevice;
  readonly #staging: GPUBuffer;
  readonly #bytes = new Uint8Array(STAGED_BYTES);
  #counts = { dispatches: 0, submissions: 0 };
  #used = 0;
  #runs = 0;
  #encoder: GPUCommandEncoder | null = null;

  constructor(device: GPUDevice) {
    const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    this.#device = device;
    this.#staging = device.createBuffer({ label: "staging", size: STAGED_BYTES, usage });
  }

  /** Values that commands queued from now on see, and none before. `data` is copied; whole words. */
  write(buffer: GPUBuffer, offset: number, data: ArrayBufferView<ArrayBuffer>): void {
    const { byteLength } = data;
    if (byteLength > STAGED_BYTES) {
      this.flush();
      this.#device.queue.writeBuffer(buffer, offset, data);
      // At once: a large upload would else hold memory for all of its pieces until something is submitted.
      this.#device.queue.submit([]);
      return;
    }
    if (this.#used + byteLength > STAGED_BYTES) this.flush();
    this.#bytes.set(new Uint8Array(data.buffer, data.byteOffset, byteLength), this.#used);
    this.#commands().copyBufferToBuffer(this.#staging, this.#used, buffer, offset, byteLength);
    this.#used += byteLength;
  }

  /** What was encoded and submitted so far; a dispatch for several replicas is one. */
  get counts(): { readonly dispatches: number; readonly submissions: number } {
    return { ...this.#counts };
  }

  run(dispatches: readonly Dispatch[], replicas = 1): void {
    this.#counts.dispatches += dispatches.length;
    const pass = this.#commands().beginComputePass();
    encode(pass, dispatches, replicas);
    pass.end();
    if (++this.#runs === RUNS_PER_SUBMISSION) this.flush();
  }

  copy(from: GPUBuffer, fromOffset: number, to: GPUBuffer, toOffset: number, bytes: number): void {
    this.#commands().copyBufferToBuffer(from, fromOffset, to, toOffset, bytes);
  }

  clear(buffer: GPUBuffer, offset: number, bytes: number): void {
    this.#commands().clearBuffer(buffer, offset, bytes);
  }

  /** Submits what is queued. */
  flush(): void {
    const encoder = this.#encoder;
    if (!encoder) return;
    const { queue } = this.#device;
    if (this.#used > 0) queue.writeBuffer(this.#staging, 0, this.#bytes.subarray(0, this.#used));
    this.#used = this.#runs = 0;
    this.#encoder = null;
    this.#counts.submissions++;
    queue.submit([encoder.finish()]);
  }

  #commands(): GPUCommandEncoder {
    return this.#encoder ??= this.#device.createCommandEncoder();
  }
}
