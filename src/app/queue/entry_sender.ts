import { readCheckpoint } from "#train/checkpoint.ts";
import type { RunFile } from "../storage/store.ts";
import { CHECKPOINT, type Entry, type RunState, type SavedCheckpoint } from "./run_state.ts";

/** Entries are kept this long after they were sent, in case Redis loses its last seconds and comes back without them. */
const RESEND_MS = 30_000;

/** Another worker has taken the run, or Redis has lost more of it than is left here. */
export class LostRun extends Error {
  override readonly name = "LostRun";
}

/** An entry of a run's log before it is sent: its file, if any, goes into Redis first. */
export interface Waiting extends Entry {
  readonly file: RunFile | null;
}

interface Sent extends Waiting {
  readonly at: number;
}

/**
 * A function that adds an entry to a run's log, and before it those that Redis has lost. It rejects with {@link LostRun}
 * where the run is another worker's.
 */
export function createSender(
  state: RunState,
  { fence, entries: taken }: { readonly fence: number; readonly entries: number },
): (entry: Waiting) => Promise<void> {
  const sent = new Map<number, Sent>();
  let entries = taken;
  return async (entry) => {
    sent.set(entries, { ...entry, at: performance.now() });
    const target = entries + 1;
    let before = entries;
    while (before < target) {
      const next = sent.get(before);
      if (next === undefined) throw new LostRun("Redis has lost more of the run than its worker still has");
      const there = await state.append(fence, before, await asEntry(state, fence, next));
      if (there < 0) throw new LostRun("another worker has taken the run");
      if (there > target) throw new LostRun("its log has entries of another worker");
      before = there;
    }
    entries = target;
    for (const [number, { at }] of sent) {
      if (performance.now() - at > RESEND_MS) sent.delete(number);
    }
  };
}

/** Puts the parts of a file into Redis, before the entry that names them. */
async function asEntry(
  state: RunState,
  fence: number,
  { file, kind, body, step, checkpoint: none }: Waiting,
): Promise<Entry> {
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
