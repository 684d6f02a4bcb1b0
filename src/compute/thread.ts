/**
 * Starts a thread: every one of the lab does so here. It computes and reads, and has no way out: Deno refuses it to write, to
 * start programs, to reach the net, to load libraries and to import remote modules, whatever code runs in it, custom modules
 * too. What it measures it posts to the thread that spawned it.
 *
 * Reading stays open, since modules import what lies beside them; so does the environment, which a module may take
 * settings from, and where WebGPU's backend is chosen.
 *
 * @param module the thread's own file, `new URL("./worker.ts", import.meta.url)`.
 * @param name as the thread itself sees it.
 */
export function spawnThread(module: URL, name = ""): Worker {
  return new Worker(module, {
    type: "module",
    name,
    deno: {
      permissions: {
        read: "inherit",
        env: "inherit",
        sys: "inherit",
        write: false,
        run: false,
        net: false,
        ffi: false,
        import: false,
      },
    },
  });
}
