import { ALIGNMENT, type Dispatch, type Slice } from "./dispatch.ts";
import type { Gpu } from "./gpu.ts";
import type { Kernel } from "./kernel.ts";
import { elementBytes, MOST_REPLICAS, replicaKernel } from "./replica_kernel.ts";

/** Values for a replica's part of a buffer. */
export interface ReplicaValues {
  readonly replica: number;
  readonly values: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
}

/**
 * Runs of one shape that take their steps together: their buffers hold a part for each, one behind the other, and a
 * dispatch is for all that take part, as many or few as they are. One alone has plain buffers and kernels.
 */
export class Replicas implements Disposable {
  readonly gpu: Gpu;
  readonly count: number;
  /** Bytes from a part to the next, of buffers that have parts. */
  readonly #strides = new WeakMap<GPUBuffer, number>();
  /** The replicas that take part in a dispatch, by its third dimension; `null` for one alone. */
  readonly #table: GPUBuffer | null = null;
  #taking = "";

  /** @throws {RangeError} for more than a dispatch has. */
  constructor(gpu: Gpu, count = 1) {
    assertReplicas(count);
    this.gpu = gpu;
    this.count = count;
    if (count === 1) return;
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    this.#table = gpu.createBuffer("replicas", 16 * MOST_REPLICAS, usage);
  }

  /**
   * A buffer of so many bytes for each replica.
   *
   * @throws {RangeError} where the device's limit for one buffer is below them all.
   */
  buffer(label: string, bytes: number): GPUBuffer {
    const { gpu, count } = this;
    if (count === 1) return gpu.createBuffer(label, bytes);
    const stride = Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT;
    const most = Math.floor(gpu.bufferLimit / stride);
    if (most < count) {
      throw new RangeError(
        `Cannot train ${count} runs at once on ${gpu.facts.name}: its limit for one buffer takes the ${label} of ` +
          `${most} ${most === 1 ? "run" : "runs"}; take --jobs ${
            Math.max(1, most)
          }, or a smaller batch or model`,
      );
    }
    const buffer = gpu.createBuffer(`${label} of ${count} runs`, count * stride);
    this.#strides.set(buffer, stride);
    return buffer;
  }

  /** Bytes before a replica's part of a buffer. */
  start(buffer: GPUBuffer, replica: number): number {
    return replica * (this.#strides.get(buffer) ?? 0);
  }

  /** A kernel with its buffers; those that {@link buffer} did not make are the same for all replicas. */
  prepare(kernel: Kernel, buffers: readonly (GPUBuffer | Slice)[]): Dispatch {
    if (this.#table === null) return this.gpu.prepare(kernel, buffers);
    const bytes = elementBytes(kernel);
    const strides = buffers.map((each, index) =>
      (this.#strides.get(each instanceof GPUBuffer ? each : each.buffer) ?? 0) / bytes[index]!
    );
    const whole = buffers.map((each) =>
      each instanceof GPUBuffer
        ? each
        : { ...each, size: this.start(each.buffer, this.count - 1) + each.size }
    );
    return this.gpu.prepare(replicaKernel(kernel), whole, { strides, table: this.#table });
  }

  /** Queues values for parts of a buffer, for the commands behind it. */
  write(buffer: GPUBuffer, parts: readonly ReplicaValues[], offset = 0): void {
    const { queue } = this.gpu;
    const stride = this.#strides.get(buffer) ?? 0;
    const first = parts[0]?.replica ?? 0;
    const joined = parts.length > 1 && parts.every(({ replica }, index) => replica === first + index);
    if (!joined) {
      for (const { replica, values } of parts) queue.write(buffer, replica * stride + offset, values);
      return;
    }
    // One copy for all; what lies between the parts is padding, or what the same parts are about to be given.
    const bytes = new Uint8Array((parts.length - 1) * stride + parts.at(-1)!.values.byteLength);
    parts.forEach(({ values }, index) =>
      bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), index * stride)
    );
    queue.write(buffer, first * stride + offset, bytes);
  }

  /** Queues dispatches for some of the replicas, in rising order. */
  run(dispatches: readonly Dispatch[], taking: readonly number[]): void {
    const key = taking.join();
    if (this.#table !== null && key !== this.#taking) {
      const table = new Int32Array(4 * taking.length);
      taking.forEach((replica, place) => table[4 * place] = replica);
      this.gpu.queue.write(this.#table, 0, table);
      this.#taking = key;
    }
    this.gpu.queue.run(dispatches, taking.length);
  }

  /** The bytes of a replica's part, once everything queued before is done. */
  read(buffer: GPUBuffer, replica: number, bytes: number): Promise<ArrayBuffer> {
    return this.gpu.read(buffer, bytes, this.start(buffer, replica));
  }

  [Symbol.dispose](): void {
    this.#table?.destroy();
  }
}

/** @throws {RangeError} for a number of runs at once that a dispatch does not have. */
export function assertReplicas(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_REPLICAS) return;
  throw new RangeError(`Cannot train ${count} runs at once on a GPU: 1 to ${MOST_REPLICAS} are allowed`);
}
