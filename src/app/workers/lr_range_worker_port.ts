import type { WorkerPort, WorkerReply, WorkerRequest } from "./protocol.ts";

/** What a range test needs beside what every worker is asked. */
export interface RangeRequest {
  readonly request: WorkerRequest;
  /** Weight of the past in the smoothed loss that divergence is judged by. */
  readonly smoothing: number;
}

/** A worker thread that runs the ramps of a range test: its `run` ends where the loss diverges. */
export function spawnRangeWorker(smoothing: number): WorkerPort {
  const worker = new Worker(new URL("./lr_range_worker.ts", import.meta.url), { type: "module" });
  return {
    post: (request) => worker.postMessage({ request, smoothing } satisfies RangeRequest),
    listen: (onReply) => {
      worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => onReply(data);
      worker.onerror = (event) => {
        event.preventDefault();
        onReply({ kind: "failed", message: `A worker broke: ${event.message}`, stack: null });
      };
    },
    terminate: () => worker.terminate(),
  };
}
