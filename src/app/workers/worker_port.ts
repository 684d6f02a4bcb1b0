import type { WorkerPort, WorkerReply } from "./protocol.ts";

/** A worker thread that trains. */
export function spawnWorker(): WorkerPort {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return {
    post: (request) => worker.postMessage(request),
    listen: (onReply) => {
      worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => onReply(data);
      // What the worker could not catch itself: a module that does not load, memory that ran out.
      worker.onerror = (event) => {
        event.preventDefault();
        onReply({ kind: "failed", message: `A training worker broke: ${event.message}`, stack: null });
      };
    },
    terminate: () => worker.terminate(),
  };
}
