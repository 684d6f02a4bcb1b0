import { spawnThread } from "#compute/thread.ts";
import { threadName, watchLife } from "./liveness.ts";
import type { WorkerPort, WorkerReply } from "./protocol.ts";

/** A worker thread that trains, and may do nothing else. */
export function spawnWorker(): WorkerPort {
  const name = threadName();
  const worker = spawnThread(new URL("./worker.ts", import.meta.url), name);
  let unwatch = () => {};
  return {
    post: (request) => worker.postMessage(request),
    listen: (onReply) => {
      worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
        if (data.kind === "ready") {
          unwatch();
          unwatch = watchLife(
            name,
            () =>
              onReply({
                kind: "failed",
                message: "its worker ended on its own; a module of a custom schedule may not do that",
                stack: null,
              }),
          );
        }
        onReply(data);
      };
      // What the worker could not catch itself: a module that does not load, memory that ran out.
      worker.onerror = (event) => {
        event.preventDefault();
        unwatch();
        onReply({ kind: "failed", message: `A training worker broke: ${event.message}`, stack: null });
      };
    },
    terminate: () => {
      unwatch();
      worker.terminate();
    },
  };
}
