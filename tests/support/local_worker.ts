import { queueAddress } from "#app/queue/address.ts";
import { type AtWork, work, type WorkOptions } from "#app/queue/work.ts";
import { ownConditions } from "#app/queue/worker.ts";
import { keptWorker } from "./kept_worker.ts";

export interface LocalWorker extends AsyncDisposable, AtWork {
  /** Lines of its log. */
  readonly lines: readonly string[];
}

/** A worker in this process, one run at a time: its threads train as those of a process of its own would. */
export async function localWorker(
  url: string,
  name: string,
  options: Partial<WorkOptions> = {},
): Promise<LocalWorker> {
  const lines: string[] = [];
  const at = await work(queueAddress(url, () => undefined), {
    name,
    ...await ownConditions("wasm"),
    slots: 1,
    dataDir: null,
    modules: null,
    // Sessions, workers and tests share a thread here: a lock may be renewed late.
    takeoverMs: 30_000,
    spawnWorker: keptWorker,
    log: (text) => lines.push(text),
    ...options,
  });
  let stopped: Promise<void> | null = null;
  const stop = () => stopped ??= at.stop();
  return { lines, stop, [Symbol.asyncDispose]: stop };
}
