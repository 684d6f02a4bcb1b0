import type { Device } from "#compute/device.ts";
import { openWebgpuDevice } from "#compute/webgpu/device.ts";

let opened: Promise<Device> | undefined;

/**
 * The device `webgpu` of all tests of a lane, with the kernels that those before have compiled. It stays open where one of
 * them closes it: `using device = await sharedWebgpuDevice()`.
 */
export async function sharedWebgpuDevice(): Promise<Device> {
  const device = await (opened ??= openWebgpuDevice());
  return { ...device, [Symbol.dispose]: () => {} };
}

// A lane, or a file that is run alone, ends with its last test.
Deno.test.afterAll(async () => (await opened)?.[Symbol.dispose]());
