import type { TrainEvent } from "#train/events.ts";
import { readCheckpoint } from "#train/checkpoint.ts";
import type { RunFile } from "../workers/protocol.ts";
import { sha256 } from "../session/provenance.ts";
import { CHECKPOINT, type Entry, type RunState, type SavedCheckpoint } from "./run_state.ts";

/**
 * Events wait for others: an entry costs Redis and the session much, however few it holds. They wait for a quarter of the
 * time that the run has taken so far, within these bounds: short runs are shown as they go, long ones cost little.
 */
const [LEAST_GATHER_MS, MOST_GATHER_MS] = [250, 5000];
/** Entries are kept this long after they were sent, in case Redis loses its last seconds and comes back without them. */
const RESEND_MS = 30_000;
/** Most bytes that wait for a Redis that is away. */
const MOST_WAITING_BYTES = 256 * 2 ** 20;

/** Another worker has taken the run, or Redis has lost more of it than is left here. */
export class LostRun extends Error {
  override readonly name = "LostRun";
}

/** The reports of a training run on their way into Redis, in order. */
export interface RunWriter {
  events(events: readonly TrainEvent[]): void;
  file(file: RunFile): void;
  /** Resolves when everything lies in Redis. @param isWhole true where the run has ended, and not only been stopped. */
  close(isWhole: boolean): Promise<void>;
  /** Rejects as soon as the run is lost. */
  readonly lost: Promise<never>;
}

interface Waiting extends Entry {
  readonly file: RunFile | null;
}

interface Sent extends Waiting {
  readonly at: number;
}

/** @param taken the run as it was taken; `events` and `step` are those of the checkpoint that it continues from. */
export function openRunWriter(
  state: RunState,
  taken: { readonly fence: number; readonly entries: number; readonly events: number; readonly step: number },
): RunWriter {
  const { fence } = taken;
  const waiting: Waiting[] = [];
  const sent = new Map<number, Sent>();
  let entries = taken.entries;
  let reported = taken.events;
  let step = taken.step;
  const opened = performance.now();
  let held: TrainEvent[] = [];
  let heldBytes = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let pumping: Promise<void> | null = null;
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});

  const gather = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (held.length === 0) return;
    const text = held.map((event) => JSON.stringify(event) + "\n").join("");
    const body = JSON.stringify({ from: reported, sha256: sha256(text), text });
    waiting.push({ kind: "events", body, step, checkpoint: null, file: null });
    reported += held.length;
    heldBytes += text.length;
    held = [];
  };
  const pump = () => {
    if (waiting.length === 0) return;
    pumping ??= (async () => {
      try {
        for (let next; (next = waiting[0]) !== undefined;) {
          await send(next);
          waiting.shift();
          heldBytes -= next.body.length + (next.file?.bytes?.length ?? 0);
        }
      } catch (error) {
        lost.reject(error);
      } finally {
        pumping = null;
      }
    })();
  };
  const queued = () => {
    if (heldBytes > MOST_WAITING_BYTES) lost.reject(new LostRun("Redis has been away for too long"));
    pump();
  };

  return {
    lost: lost.promise,
    events: (events) => {
      // A run that was stopped goes on elsewhere: that is no end of it.
      held.push(...events.filter((event) => event.kind !== "ended" || event.reason !== "stopped"));
      const last = events.findLast((event) => event.kind === "step");
      if (last?.kind === "step") step = last.step + 1;
      const gatherMs = Math.min(MOST_GATHER_MS, Math.max(LEAST_GATHER_MS, (performance.now() - opened) / 4));
      timer ??= setTimeout(() => {
        gather();
        queued();
      }, gatherMs);
    },
    file: (file) => {
      gather();
      waiting.push({ kind: "file", body: "", step, checkpoint: null, file });
      heldBytes += file.bytes?.length ?? 0;
      queued();
    },
    close: async (isWhole) => {
      gather();
      if (isWhole) waiting.push({ kind: "done", body: "{}", step, checkpoint: null, file: null });
      pump();
      await Promise.race([lost.promise, pumping]);
    },
  };

  /** Puts the parts of a file into Redis, before the entry that names them. */
  async function asEntry({ file, kind, body, step, checkpoint: none }: Waiting): Promise<Entry> {
    const entry = { kind, body, step, checkpoint: none };
    if (file === null) return entry;
    const { name, bytes } = file;
    if (bytes === null) return { ...entry, body: JSON.stringify({ name, file: null }) };
    const manifest = await state.put(fence, name, bytes);
    if (manifest === null) throw new LostRun("another worker has taken the run");
    let checkpoint: SavedCheckpoint | null = null;
    if (name === CHECKPOINT) {
      const { step, events } = await readCheckpoint(bytes);
      checkpoint = { file: manifest, step, events };
    }
    return { ...entry, body: JSON.stringify({ name, file: manifest }), checkpoint };
  }

  /** Adds an entry, and before it those that Redis has lost. */
  async function send(entry: Waiting): Promise<void> {
    sent.set(entries, { ...entry, at: performance.now() });
    const target = entries + 1;
    let before = entries;
    while (before < target) {
      const next = sent.get(before);
      if (next === undefined) throw new LostRun("Redis has lost more of the run than its worker still has");
      const there = await state.append(fence, before, await asEntry(next));
      if (there < 0) throw new LostRun("another worker has taken the run");
      if (there > target) throw new LostRun("its log has entries of another worker");
      before = there;
    }
    entries = target;
    for (const [number, { at }] of sent) {
      if (performance.now() - at > RESEND_MS) sent.delete(number);
    }
  }
}
