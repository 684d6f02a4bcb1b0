import { type AdapterFacts, factsOf, requestAdapter, requestDevice } from "./adapter.ts";
import type { Dispatch, Slice } from "./dispatch.ts";
import { HARDWARE, type Kernel, type Sizes, SOFTWARE, type Tuning, workgroups } from "./kernel.ts";
import { LOOP_EXPECTED, LOOP_TRIPS, loopCounter } from "./loop_cap.ts";
import { CommandQueue } from "./queue.ts";
import { assertAddsUp } from "./self_check.ts";

const STORAGE = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/**
 * A WebGPU device that does not fail silently: a driver that adds up wrongly is refused, and the first error that
 * nobody caught, and the loss of the device, end every later call with an exception. WebGPU itself would continue and
 * answer zeros.
 */
export class Gpu implements Disposable {
  readonly device: GPUDevice;
  readonly facts: AdapterFacts;
  readonly adapterInfo: GPUAdapterInfo;
  readonly tuning: Tuning;
  readonly queue: CommandQueue;
  #bufferLimit: number;
  #loopsEndEarly = false;
  #failure: Error | null = null;
  #disposed = false;
  /** Uniform buffers of kernels' sizes, by content: few, and never written again. */
  readonly #sizeBuffers = new Map<string, GPUBuffer>();
  readonly #pipelines = new Map<string, { pipeline: GPUComputePipeline; layout: GPUBindGroupLayout }>();

  /**
   * @param options `bufferLimit`: most bytes of one buffer, where the device would allow more; `tuning`: the cut of the
   * kernels' work, where it is not to follow from the device.
   * @throws {WebgpuUnavailable} where there is no adapter, or where its driver computes wrongly.
   */
  static async open(
    { bufferLimit = Infinity, tuning }: {
      readonly bufferLimit?: number | undefined;
      readonly tuning?: Tuning;
    } = {},
  ): Promise<Gpu> {
    const adapter = await requestAdapter();
    const gpu = new Gpu(adapter, await requestDevice(adapter), tuning);
    try {
      const [passes] = await Promise.all([gpu.#countLoops(), assertAddsUp(gpu)]);
      gpu.#loopsEndEarly = passes !== LOOP_EXPECTED;
      gpu.#bufferLimit = Math.min(gpu.#bufferLimit, bufferLimit);
      return gpu;
    } catch (error) {
      gpu[Symbol.dispose]();
      throw error;
    }
  }

  private constructor(adapter: GPUAdapter, device: GPUDevice, tuning: Tuning | undefined) {
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    this.device = device;
    this.#bufferLimit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    this.facts = factsOf(adapter);
    this.adapterInfo = adapter.info;
    this.tuning = tuning ?? (this.facts.software ? SOFTWARE : HARDWARE);
    this.queue = new CommandQueue(device);
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      const { error } = event as GPUUncapturedErrorEvent;
      const what = error instanceof GPUOutOfMemoryError
        ? `${this.facts.name} is out of memory; take a smaller batch or model, or fewer jobs`
        : `WebGPU failed on ${this.facts.name}`;
      this.#failure ??= new Error(`${what}: ${error.message.trim()}`);
    });
    device.lost.then((info) => {
      if (this.#disposed) return;
      this.#failure ??= new Error(`The GPU ${this.facts.name} was lost: ${info.message || info.reason}`);
    });
  }

  /** Most bytes of a buffer that a kernel binds. */
  get bufferLimit(): number {
    return this.#bufferLimit;
  }

  /** True where this driver ends long loops early; kernels of our own stay below its bound, those of tfjs do not. */
  get loopsEndEarly(): boolean {
    return this.#loopsEndEarly;
  }

  /** @throws the first error that the device reported, or its loss. */
  assertHealthy(): void {
    if (this.#disposed) throw new Error("This GPU device was closed");
    if (this.#failure) throw this.#failure;
  }

  /** @throws {RangeError} for a size that the device does not offer, before anything is allocated. */
  createBuffer(label: string, bytes: number, usage: number = STORAGE): GPUBuffer {
    if (bytes > this.bufferLimit) {
      throw new RangeError(
        `Cannot allocate ${label} on ${this.facts.name}: ${mebibytes(bytes)} are needed, ` +
          `${mebibytes(this.bufferLimit)} is the device's limit for one buffer; take a smaller batch`,
      );
    }
    return this.device.createBuffer({ label, size: Math.max(4, Math.ceil(bytes / 4) * 4), usage });
  }

  /**
   * A kernel with its buffers, in the order of its bindings. Pipelines are compiled once.
   *
   * @param replicas of a kernel for several: how far the parts of each buffer lie apart, in values, and their table.
   */
  prepare(
    kernel: Kernel,
    buffers: readonly (GPUBuffer | Slice)[],
    replicas?: { readonly strides: readonly number[]; readonly table: GPUBuffer },
  ): Dispatch {
    if (buffers.length !== kernel.bindings.length) {
      throw new TypeError(`${kernel.name} takes ${kernel.bindings.length} buffers, got ${buffers.length}`);
    }
    const uniforms = [
      this.#sizes(kernel.sizes, replicas?.strides ?? []),
      ...replicas ? [replicas.table] : [],
    ];
    const { pipeline, layout } = this.#pipeline(kernel, uniforms.length);
    const resources = [...buffers, ...uniforms];
    const entries = resources.map((buffer, binding) => ({
      binding,
      resource: buffer instanceof GPUBuffer ? { buffer } : buffer,
    }));
    const bindGroup = this.device.createBindGroup({ label: kernel.name, layout, entries });
    const groups = workgroups(kernel.sizes.invocations, this.device.limits.maxComputeWorkgroupsPerDimension);
    return { kernel, pipeline, bindGroup, groups };
  }

  /** The bytes of a buffer, once everything queued before is done. */
  async read(source: GPUBuffer, bytes: number = source.size, offset = 0): Promise<ArrayBuffer> {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const staging = this.device.createBuffer({ label: `read ${source.label}`, size: bytes, usage });
    this.queue.copy(source, offset, staging, 0, bytes);
    this.queue.flush();
    try {
      await staging.mapAsync(GPUMapMode.READ);
      return staging.getMappedRange().slice(0);
    } catch (error) {
      // The device says in words, a moment later, why a read fails.
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, 50))]);
      this.assertHealthy();
      throw new Error(`${this.facts.name} does not answer`, { cause: error });
    } finally {
      staging.destroy();
      this.assertHealthy();
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.device.destroy();
  }

  #pipeline(kernel: Kernel, uniforms: number) {
    const cached = this.#pipelines.get(kernel.code);
    if (cached) return cached;
    const label = kernel.name;
    // An explicit layout: with "auto", a buffer that the code does not use makes the bind group invalid.
    const types: GPUBufferBindingType[] = kernel.bindings.map((access) =>
      access === "read" ? "read-only-storage" : "storage"
    );
    const layout = this.device.createBindGroupLayout({
      label,
      entries: [...types, ...Array.from({ length: uniforms }, () => "uniform" as const)].map((
        type,
        binding,
      ) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type },
      })),
    });
    const pipeline = this.device.createComputePipeline({
      label,
      layout: this.device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module: this.device.createShaderModule({ label, code: kernel.code }), entryPoint: "main" },
    });
    this.#pipelines.set(kernel.code, { pipeline, layout });
    return { pipeline, layout };
  }

  #sizes({ invocations, rows, parts, each }: Sizes, strides: readonly number[]): GPUBuffer {
    const values = new Int32Array(4 * (1 + Math.ceil(strides.length / 4)));
    values.set([invocations, rows, parts, each, ...strides]);
    const key = values.join();
    const known = this.#sizeBuffers.get(key);
    if (known) return known;
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const buffer = this.device.createBuffer({ label: `sizes ${key}`, size: values.byteLength, usage });
    this.queue.write(buffer, 0, values);
    this.#sizeBuffers.set(key, buffer);
    return buffer;
  }

  async #countLoops(): Promise<number> {
    const trips = this.createBuffer("loop trips", LOOP_TRIPS.byteLength);
    const count = this.createBuffer("loop count", 4);
    this.queue.write(trips, 0, LOOP_TRIPS);
    this.queue.run([this.prepare(loopCounter, [trips, count])]);
    const [passes] = new Uint32Array(await this.read(count));
    trips.destroy();
    count.destroy();
    return passes!;
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
