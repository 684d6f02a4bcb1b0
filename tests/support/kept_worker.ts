import { customModules } from "#schedules/custom.ts";
import { schedulesOf } from "#spec/run_plan.ts";
import type { WorkerPort, WorkerReply } from "#app/workers/protocol.ts";
import { spawnWorker } from "#app/workers/worker_port.ts";

/** A thread of the lab between two sessions, and who listens to it. */
interface Kept {
  readonly port: WorkerPort;
  onReply: (reply: WorkerReply) => void;
}

/** Those of this lane that nobody uses. They end with the lane; a script that is no test ends them by {@link endKept}. */
const idle: Kept[] = [];

/** Ends the threads that wait: a process that has any does not end by itself. */
export function endKept(): void {
  for (const { port } of idle.splice(0)) port.terminate();
}

/**
 * A thread that trains, as a session spawns it; when the session ends it, it waits for the next session of the same lane,
 * which opens it anew: to start one costs more than most tests train. One that failed, is at work, has a GPU or has loaded
 * a module of its user is ended instead.
 */
export function keptWorker(): WorkerPort {
  const kept = idle.pop() ?? spawned();
  let asked = 0;
  let isClean = true;
  return {
    post: (request) => {
      asked += 1;
      isClean &&= request.kind === "open"
        ? request.backend !== "webgpu"
        : customModules(schedulesOf(request.plan)).length === 0;
      kept.port.post(request);
    },
    listen: (onReply) => {
      kept.onReply = (reply) => {
        if (reply.kind === "ready" || reply.kind === "done") asked -= 1;
        if (reply.kind === "failed") isClean = false;
        onReply(reply);
      };
    },
    terminate: () => {
      kept.onReply = () => {};
      if (isClean && asked === 0) idle.push(kept);
      else kept.port.terminate();
    },
  };
}

function spawned(): Kept {
  const kept: Kept = { port: spawnWorker(), onReply: () => {} };
  kept.port.listen((reply) => kept.onReply(reply));
  return kept;
}
