import type { Redis } from "ioredis";
import { WorkerFailure } from "../workers/pool.ts";
import type { QueueAddress } from "./address.ts";
import { chooseWorkers, type Chosen, misfits, type Wanted } from "./choose_workers.ts";
import { workersOf } from "./worker_list.ts";

/** Longest wait for a first worker. */
const WORKER_WAIT_MS = 600_000;

/**
 * Waits for workers that can train a study.
 *
 * @throws {WorkerFailure} where none comes.
 */
export async function firstWorkers(
  redis: Redis,
  address: QueueAddress,
  { wanted, notify }: { readonly wanted: Wanted; readonly notify: (text: string) => void },
): Promise<Chosen> {
  const until = performance.now() + WORKER_WAIT_MS;
  let shown: string | null = null;
  while (performance.now() < until) {
    const workers = await workersOf(redis);
    const chosen = chooseWorkers(workers, wanted);
    if (chosen !== null) return chosen;
    const problem = misfits(workers, wanted);
    if (problem !== shown) {
      notify(
        `Waiting for a worker${problem}. On each machine that is to train: deno task worker --queue ${address.shown}\n`,
      );
    }
    shown = problem;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new WorkerFailure(
    `No worker for this study came to ${address.shown} within ${WORKER_WAIT_MS / 60_000} minutes${
      shown ?? ""
    }`,
  );
}
