/**
 * A process that opens WebGPU in a worker of a study and ends 10 ms after the worker: where nothing but the worker holds
 * the driver, it is unloaded meanwhile, and some of such processes crash. With `--list-libraries` it waits, and prints
 * the driver's libraries that are loaded before and after the worker's end.
 */
import { openPool } from "#app/workers/pool.ts";
import { spawnWorker } from "#app/workers/worker_port.ts";
import { tinyData } from "../support/tiny.ts";

const pool = await openPool(1, spawnWorker, {
  backend: "webgpu",
  why: "",
  threads: 1,
  folder: ".",
  data: tinyData(),
});
const lists = Deno.args.includes("--list-libraries");
const before = lists ? await libraries() : [];
pool[Symbol.dispose]();
await new Promise((resolve) => setTimeout(resolve, lists ? 1500 : 10));
if (lists) console.log(JSON.stringify({ before, after: await libraries() }));
Deno.exit(0);

/** Paths of the shared libraries of Vulkan and its drivers in this process. */
async function libraries(): Promise<string[]> {
  const maps = await Deno.readTextFile("/proc/self/maps");
  const paths = maps.split("\n").map((line) => line.split(/\s+/)[5] ?? "");
  return [...new Set(paths.filter((path) => /vulkan|libGLX_nvidia|nvidia-gpucomp/.test(path)))].sort();
}
