import type { TrainEvent } from "#train/events.ts";
import type { RunFile } from "../storage/store.ts";
import { sha256 } from "../sha256.ts";
import { openEntryQueue } from "./entry_queue.ts";
import type { RunState } from "./run_state.ts";

/**
 * Events wait for others: an entry costs Redis and the session much, however few it holds. They wait for a quarter of the
 * time that the run has taken so far, within these bounds: short runs are shown as they go, long ones cost little.
 */
const [LEAST_GATHER_MS, MOST_GATHER_MS] = [250, 5000];

/** The reports of a training run on their way into Redis, in order. */
export interface RunWriter {
  events(events: readonly TrainEvent[]): void;
  file(file: RunFile): void;
  /** Resolves when everything lies in Redis. @param isWhole true where the run has ended, and not only been stopped. */
  close(isWhole: boolean): Promise<void>;
  /** Rejects as soon as the run is lost. */
  readonly lost: Promise<never>;
}

/** @param taken the run as it was taken; `events` and `step` are those of the checkpoint that it continues from. */
export function openRunWriter(
  state: RunState,
  taken: { readonly fence: number; readonly entries: number; readonly events: number; readonly step: number },
): RunWriter {
  const log = openEntryQueue(state, taken);
  const opened = performance.now();
  let reported = taken.events;
  let step = taken.step;
  let held: TrainEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;

  const gather = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (held.length === 0) return;
    const text = held.map((event) => JSON.stringify(event) + "\n").join("");
    const body = JSON.stringify({ from: reported, sha256: sha256(text), text });
    log.push({ kind: "events", body, step, checkpoint: null, file: null });
    reported += held.length;
    held = [];
  };
  return {
    lost: log.lost,
    events: (events) => {
      // A run that was stopped goes on elsewhere: that is no end of it.
      held.push(...events.filter((event) => event.kind !== "ended" || event.reason !== "stopped"));
      const last = events.findLast((event) => event.kind === "step");
      if (last?.kind === "step") step = last.step + 1;
      const gatherMs = Math.min(MOST_GATHER_MS, Math.max(LEAST_GATHER_MS, (performance.now() - opened) / 4));
      timer ??= setTimeout(gather, gatherMs);
    },
    file: (file) => {
      gather();
      log.push({ kind: "file", body: "", step, checkpoint: null, file });
    },
    close: async (isWhole) => {
      gather();
      if (isWhole) log.push({ kind: "done", body: "{}", step, checkpoint: null, file: null });
      await log.drained();
    },
  };
}
