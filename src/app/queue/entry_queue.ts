import { createSender, LostRun, type Waiting } from "./entry_sender.ts";
import type { RunState } from "./run_state.ts";

/** Most bytes that wait for a Redis that is away. */
const MOST_WAITING_BYTES = 256 * 2 ** 20;

/** Entries of a run's log that wait to be sent, one after the other. */
export interface EntryQueue {
  push(entry: Waiting): void;
  /** Resolves when all lie in Redis. */
  drained(): Promise<void>;
  /** Rejects as soon as the run is lost. */
  readonly lost: Promise<never>;
}

export function openEntryQueue(
  state: RunState,
  taken: { readonly fence: number; readonly entries: number },
): EntryQueue {
  const send = createSender(state, taken);
  const waiting: Waiting[] = [];
  let bytes = 0;
  let sending: Promise<void> | null = null;
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});

  const sendAll = async () => {
    try {
      for (let next; (next = waiting[0]) !== undefined;) {
        await send(next);
        waiting.shift();
        bytes -= sizeOf(next);
      }
    } catch (error) {
      lost.reject(error);
    } finally {
      sending = null;
    }
  };
  return {
    lost: lost.promise,
    push: (entry) => {
      waiting.push(entry);
      bytes += sizeOf(entry);
      if (bytes > MOST_WAITING_BYTES) lost.reject(new LostRun("Redis has been away for too long"));
      sending ??= sendAll();
    },
    drained: async () => {
      await Promise.race([lost.promise, sending]);
    },
  };
}

const sizeOf = ({ body, file }: Waiting): number => body.length + (file?.bytes?.length ?? 0);
