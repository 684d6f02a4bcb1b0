/// <reference lib="deno.worker" />
import { ProcessGroup, type ProcessGroupBuffers } from "#compute/wasm/process_group.ts";

/** The second rank of a process group, which goes through one barrier and says so. */
self.onmessage = ({ data }: MessageEvent<ProcessGroupBuffers>) => {
  new ProcessGroup(data, 1).barrier();
  self.postMessage("passed");
};
