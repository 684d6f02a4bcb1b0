import { Gpu } from "#compute/webgpu/gpu.ts";
import type { Kernel } from "#compute/webgpu/kernel.ts";
import { random } from "#lib/prng.ts";

let opened: Promise<Gpu> | undefined;

/**
 * The device on which all tests of a lane run their kernels: to open one, and to compile again what the last one had,
 * takes longer than most of them. Tests that break a device, or count what lies on it, open their own.
 */
export function sharedGpu(): Promise<Gpu> {
  return opened ??= Gpu.open();
}

Deno.test.afterAll(async () => (await opened)?.[Symbol.dispose]());

/** Standard normal values, exact in 32 bits, so that both sides start from the same numbers. */
export function normals(count: number, ...seed: (number | string)[]): Float32Array<ArrayBuffer> {
  const source = random(...seed);
  return Float32Array.from({ length: count }, () => source.normal());
}

export type Values = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** A buffer with values, or of a size in values and full of 1e9, so that what a kernel leaves unwritten shows. */
export function bufferOf(gpu: Gpu, values: Values | number): GPUBuffer {
  const data = typeof values === "number" ? new Float32Array(values).fill(1e9) : values;
  const buffer = gpu.createBuffer("test", data.byteLength);
  gpu.queue.write(buffer, 0, data);
  return buffer;
}

/** Runs kernels in order, each with its buffers, and reads the last buffer of the last one. */
export async function runKernels(
  gpu: Gpu,
  runs: readonly (readonly [Kernel, readonly GPUBuffer[]])[],
): Promise<Float32Array> {
  gpu.queue.run(runs.map(([kernel, buffers]) => gpu.prepare(kernel, buffers)));
  const result = new Float32Array(await gpu.read(runs.at(-1)![1].at(-1)!));
  for (const [, buffers] of runs) for (const buffer of buffers) buffer.destroy();
  return result;
}

/** Runs kernels in order, each with the names of its buffers; the contents of all afterwards. */
export async function runNamed(
  gpu: Gpu,
  contents: Record<string, Values | number>,
  runs: readonly (readonly [Kernel, ...string[]])[],
): Promise<Record<string, Float32Array>> {
  const buffers = Object.fromEntries(
    Object.entries(contents).map(([name, values]) => [name, bufferOf(gpu, values)]),
  );
  gpu.queue.run(runs.map(([kernel, ...names]) => gpu.prepare(kernel, names.map((name) => buffers[name]!))));
  const read: Record<string, Float32Array> = {};
  for (const [name, buffer] of Object.entries(buffers)) {
    read[name] = new Float32Array(await gpu.read(buffer));
    buffer.destroy();
  }
  return read;
}
