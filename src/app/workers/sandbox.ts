/**
 * Options of every thread that runs the code of custom modules. It computes and reads, and has no way out: Deno refuses it
 * to write, to start programs, to reach the net, to load libraries and to import remote modules. What it measures it posts
 * to the thread that spawned it.
 *
 * Reading stays open, since modules import what lies beside them; so does the environment, which a module may take
 * settings from, and where WebGPU's backend is chosen.
 */
export function sandboxed(name: string): WorkerOptions {
  return {
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
  };
}
