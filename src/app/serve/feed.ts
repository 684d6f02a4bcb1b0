/** Parts of the page that change on their own: each is sent as a whole, so a viewer needs only the newest of each. */
export const PARTS = ["screen", "curves", "masks", "progress", "over"] as const;
export type Part = typeof PARTS[number];

/** The newest of each part, for any number of viewers. */
export interface Feed {
  /** Viewers that are connected. */
  readonly viewers: number;
  /** Replaces a part, and sends it to every viewer. */
  publish(part: Part, data: unknown): void;
  /** Server-sent events for one viewer: what is newer than the last that it has, then all that comes. */
  stream(lastEventId: string | null): ReadableStream<Uint8Array>;
  /** Called when a viewer has come. */
  onViewer(listener: () => void): void;
  /** Ends every viewer's stream after what is published. */
  close(): void;
}

/** Viewers at a time. */
export const MOST_VIEWERS = 32;

/**
 * @param session separates this feed's events from those of another on the same port, which a page may have seen.
 */
export function createFeed(session: string): Feed {
  const newest = new Map<Part, { readonly number: number; readonly text: string }>();
  const wakers = new Set<() => void>();
  let listener = () => {};
  let number = 0;
  let isClosed = false;
  return {
    get viewers() {
      return wakers.size;
    },
    publish: (part, data) => {
      const id = ++number;
      const text = `id: ${session}-${id}\nevent: ${part}\ndata: ${JSON.stringify(data)}\n\n`;
      newest.set(part, { number: id, text });
      wakers.forEach((wake) => wake());
    },
    stream: (lastEventId) => {
      let seen = numberIn(lastEventId, session);
      let wake = () => {};
      const own = () => wake();
      return new ReadableStream<Uint8Array>({
        start: (controller) => {
          wakers.add(own);
          controller.enqueue(new TextEncoder().encode("retry: 1000\n\n"));
          listener();
        },
        // Asked when the viewer has taken what was sent: a slow one skips what is old by then.
        pull: async (controller) => {
          const due = () => [...newest.values()].filter(({ number }) => number > seen);
          while (due().length === 0) {
            if (isClosed) {
              wakers.delete(own);
              return controller.close();
            }
            await new Promise<void>((resolve) => wake = resolve);
          }
          const parts = due().sort((a, b) => a.number - b.number);
          seen = parts.at(-1)!.number;
          controller.enqueue(new TextEncoder().encode(parts.map(({ text }) => text).join("")));
        },
        cancel: () => void wakers.delete(own),
      });
    },
    onViewer: (next) => listener = next,
    close: () => {
      isClosed = true;
      wakers.forEach((wake) => wake());
    },
  };
}

function numberIn(lastEventId: string | null, session: string): number {
  const [, from, number] = /^(\w+)-(\d+)$/.exec(lastEventId ?? "") ?? [];
  return from === session ? Number(number) : 0;
}
