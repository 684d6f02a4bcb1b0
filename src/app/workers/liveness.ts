/**
 * A thread that ends on its own says nothing to the one that spawned it. So it holds a lock, by its own name, from its
 * first line on; the system frees it when the thread is gone, however it went.
 */

/** The part of the Web Locks API that is used here: Deno has it, and no type of it. */
interface Locks {
  request(name: string, granted: () => unknown): Promise<unknown>;
  request(name: string, options: { readonly signal: AbortSignal }, granted: () => unknown): Promise<unknown>;
}

const { locks } = navigator as Navigator & { readonly locks: Locks };

/** A name that no other thread has. */
export function threadName(): string {
  return `lr-lab ${crypto.randomUUID()}`;
}

/** Takes the lock of this thread for as long as it lives; called by the thread itself. Resolves when it is held. */
export function holdLife(name: string): Promise<void> {
  return new Promise((resolve) => {
    void locks.request(name, () => {
      resolve();
      return new Promise(() => {});
    });
  });
}

/**
 * Calls `onGone` when the thread of that name, which holds its lock by now, has ended.
 *
 * @returns stops watching: to be called before the thread is ended on purpose.
 */
export function watchLife(name: string, onGone: () => void): () => void {
  const watch = new AbortController();
  locks.request(name, { signal: watch.signal }, onGone)
    .catch((error) => {
      if (!watch.signal.aborted) throw error;
    });
  return () => watch.abort();
}
