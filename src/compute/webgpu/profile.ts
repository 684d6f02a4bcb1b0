import type { Dispatch } from "./dispatch.ts";
import type { Gpu } from "./gpu.ts";

/** Time on the device, by kernel. */
export interface KernelTime {
  readonly name: string;
  /** Dispatches of it in one step. */
  readonly dispatches: number;
  readonly ms: number;
}

/**
 * Time of each kernel of a step on the device, slowest first: timestamps around passes of one dispatch each.
 *
 * @returns `null` where the device has no timestamps.
 */
export async function profile(gpu: Gpu, dispatches: readonly Dispatch[]): Promise<KernelTime[] | null> {
  const { device } = gpu;
  if (!device.features.has("timestamp-query") || dispatches.length === 0) return null;
  const count = 2 * dispatches.length;
  const querySet = device.createQuerySet({ label: "kernel times", type: "timestamp", count });
  const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
  const resolved = gpu.createBuffer("kernel times", 8 * count, usage);
  const encoder = device.createCommandEncoder();
  dispatches.forEach(({ pipeline, bindGroup, groups }, index) => {
    const pass = encoder.beginComputePass({
      timestampWrites: {
        querySet,
        beginningOfPassWriteIndex: 2 * index,
        endOfPassWriteIndex: 2 * index + 1,
      },
    });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(groups[0], groups[1]);
    pass.end();
  });
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  gpu.queue.flush();
  device.queue.submit([encoder.finish()]);
  const nanoseconds = new BigUint64Array(await gpu.read(resolved));
  resolved.destroy();
  querySet.destroy();
  return summed(dispatches, nanoseconds);
}

function summed(dispatches: readonly Dispatch[], nanoseconds: BigUint64Array): KernelTime[] {
  const times = new Map<string, { dispatches: number; ms: number }>();
  dispatches.forEach(({ kernel }, index) => {
    const ms = Number(nanoseconds[2 * index + 1]! - nanoseconds[2 * index]!) / 1e6;
    const before = times.get(kernel.name) ?? { dispatches: 0, ms: 0 };
    times.set(kernel.name, { dispatches: before.dispatches + 1, ms: before.ms + ms });
  });
  return [...times].map(([name, time]) => ({ name, ...time })).sort((a, b) => b.ms - a.ms);
}
