import type { TrainEvent } from "#train/events.ts";
import { missingStarts, runKey } from "#spec/plan.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { Pool } from "../workers/pool.ts";
import type { BreakOff } from "./options.ts";
import type { RunStart } from "../workers/protocol.ts";
import type { RunRecord } from "#results/run.ts";
import { CHECKPOINT } from "../storage/run_files.ts";
import type { Store } from "../storage/store.ts";
import { endOf } from "#results/run.ts";

export interface RunnerOptions {
  readonly pool: Pool;
  readonly store: Store;
  readonly provenance: RunRecord["provenance"];
  /** Least time between checkpoints of a run, in milliseconds; `null` for none. */
  readonly checkpointMs: number | null;
  /** Step at which each run is interrupted; absent for none. */
  readonly breakOff?: BreakOff;
  /** Called with every event as it comes, after it was stored. */
  readonly onEvents: (plan: RunPlan, events: readonly TrainEvent[]) => void;
  /** Called with each plan that needs no running: it is on disk (with its record), or another plan is the same run. */
  readonly onKnown: (plan: RunPlan, record: RunRecord | null) => void;
}

/** Plans to records; the same run is never made twice in an experiment, whatever it is called. */
export interface Runner {
  /** Trains the plans without a finished run, after their parent runs. Records from before a failure stay on disk. */
  run(plans: readonly RunPlan[]): Promise<void>;
  /** The records of these plans, in their order; plans that were never started have no record. */
  records(plans: readonly RunPlan[]): RunRecord[];
  /** A file that a run left, whatever the run is called on disk; `null` where it left none. */
  file(plan: RunPlan, name: string): Promise<Uint8Array | null>;
}

export function createRunner(options: RunnerOptions): Runner {
  const { pool, store, provenance, checkpointMs, breakOff, onEvents, onKnown } = options;
  /** By run key; a record's plan is the one that is on disk. */
  const known = new Map<string, RunRecord>();
  /** The run that each id stands for: two runs in one folder would take each other's figures. */
  const keys = new Map<string, string>();
  const claimId = (id: string, key: string) => {
    if ((keys.get(id) ?? key) !== key) throw new Error(`Cannot train two different runs as ${id}`);
    keys.set(id, key);
  };
  return {
    run: async (plans) => {
      const fresh = new Map<string, RunPlan>();
      for (const plan of [...missingStarts(plans), ...plans]) {
        const key = runKey(plan);
        claimId(plan.id, key);
        const twin = fresh.get(key);
        if (twin) {
          // The same run under another name: one of the two may be a parent run.
          if (plan.keep_end) fresh.set(key, { ...twin, keep_end: true });
          onKnown(plan, null);
          continue;
        }
        const earlier = known.get(key) ?? await store.finished(plan);
        if (earlier) {
          known.set(key, earlier);
          onKnown(plan, earlier);
        } else fresh.set(key, plan);
      }
      for (const wave of waves([...fresh.values()])) {
        // A run that diverged left no end to start from: its child runs are left out.
        const able = wave.filter(({ start }) =>
          start?.kind !== "run" || reachedEnd(known.get(runKey(start.plan)))
        );
        wave.filter((plan) => !able.includes(plan)).forEach((plan) => onKnown(plan, null));
        await runFresh(able);
      }
    },
    records: (plans) =>
      plans.flatMap((plan) => {
        const record = known.get(runKey(plan));
        return record ? [{ ...record, plan }] : [];
      }),
    file: (plan, name) => {
      const record = known.get(runKey(plan));
      return record ? store.file(record.plan, name) : Promise.resolve(null);
    },
  };

  async function runFresh(plans: readonly RunPlan[]): Promise<void> {
    const events = new Map<string, TrainEvent[]>();
    // Writes of one run follow each other; a failed one surfaces when the stage ends.
    const writes = new Map<string, Promise<void>>();
    const write = (plan: RunPlan, work: () => Promise<void>) => {
      const next = (writes.get(plan.id) ?? Promise.resolve()).then(work);
      // Marked as handled: it is awaited below.
      next.catch(() => pool.stop());
      writes.set(plan.id, next);
    };
    const lost = Promise.withResolvers<void>();
    let isLost = false;
    try {
      const running = pool.run(
        plans,
        {
          startOf: async (plan) => {
            const broken = await store.brokenOff(plan, provenance);
            if (broken) {
              events.set(plan.id, [...broken.events]);
              onEvents(plan, broken.events);
              return { bytes: broken.checkpoint, own: true };
            }
            await store.begin({ plan, provenance });
            return startOf(plan);
          },
          onEvents: (plan, batch) => {
            if (isLost) return;
            const sofar = events.get(plan.id);
            if (sofar) sofar.push(...batch);
            else events.set(plan.id, [...batch]);
            write(plan, () => store.append(plan, batch));
            onEvents(plan, batch);
          },
          onFile: (plan, file) => {
            if (isLost) return;
            write(plan, () => store.keep(plan, file));
            if (breakOff === undefined || file.name !== CHECKPOINT || file.bytes === null) return;
            breakOff.onCheckpoint(file.bytes);
            if (breakOff.after >= plan.total_steps) return;
            // As in a crash: whatever the worker still reports is discarded.
            isLost = true;
            lost.resolve();
          },
        },
        checkpointMs,
        breakOff?.after,
      );
      await Promise.race([running, lost.promise]);
    } finally {
      for (const plan of plans) {
        const record: RunRecord = { plan, provenance, events: events.get(plan.id) ?? [] };
        if (record.events.length > 0) known.set(runKey(plan), record);
      }
      await Promise.all(writes.values());
    }
  }

  /** The end of a run's parent; `null` where it begins with fresh weights. */
  async function startOf({ start }: RunPlan): Promise<RunStart | null> {
    switch (start?.kind) {
      case undefined:
        return null;
      case "file":
        return { bytes: await store.startFile(start), own: false };
      case "run": {
        const before = known.get(runKey(start.plan))!;
        const bytes = await store.file(before.plan, "end.safetensors");
        if (bytes === null) throw new Error(`The end of run ${before.plan.id} is gone: end.safetensors`);
        return { bytes, own: false };
      }
    }
  }
}

function reachedEnd(record: RunRecord | undefined): boolean {
  return record !== undefined && endOf(record)?.reason === "budget";
}

/** Plans in groups that can run at once: each group after the parent runs of its plans. */
function waves(plans: readonly RunPlan[]): RunPlan[][] {
  const depth = ({ start }: RunPlan): number => start?.kind === "run" ? 1 + depth(start.plan) : 0;
  const deepest = Math.max(-1, ...plans.map(depth));
  return Array.from({ length: deepest + 1 }, (_, level) => plans.filter((plan) => depth(plan) === level))
    .filter((wave) => wave.length > 0);
}
