import type { TrainEvent } from "#train/events.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { Pool } from "../workers/pool.ts";
import type { BreakOff } from "./options.ts";
import type { RunStart } from "../workers/protocol.ts";
import type { RunRecord } from "#results/run.ts";
import { CHECKPOINT } from "../storage/run_files.ts";
import type { Store } from "../storage/store.ts";
import type { KnownRuns } from "./known_runs.ts";

export interface RunnerOptions {
  readonly pool: Pool;
  readonly store: Store;
  /** The store of records that are made here. */
  readonly known: KnownRuns;
  readonly provenance: RunRecord["provenance"];
  /** Least time between checkpoints of a run, in milliseconds; `null` for none. */
  readonly checkpointMs: number | null;
  /** Step at which each run is interrupted; absent for none. */
  readonly breakOff?: BreakOff;
  /** Called with every event as it comes, after it was stored. */
  readonly onEvents: (plan: RunPlan, events: readonly TrainEvent[]) => void;
  /** Called with news of those who train. */
  readonly onNotice?: (text: string) => void;
}

/** Trains runs that are not known, each after its parent run, and adds their records to those that are known. */
export interface Runner {
  /** Records from before a failure stay on disk. */
  train(plans: readonly RunPlan[]): Promise<void>;
}

export function createRunner(options: RunnerOptions): Runner {
  const { pool, store, known, provenance, checkpointMs, breakOff, onEvents } = options;
  return {
    train: async (plans) => {
      for (const wave of waves(plans)) {
        // A run that diverged left no end to start from: its child runs are left out.
        const isAble = (plan: RunPlan) => plan.start?.kind !== "run" || known.parentOf(plan) !== null;
        wave.filter((plan) => !isAble(plan)).forEach(known.leaveOut);
        await trainWave(wave.filter(isAble));
      }
    },
  };

  async function trainWave(plans: readonly RunPlan[]): Promise<void> {
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
          ...(options.onNotice && { onNotice: options.onNotice }),
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
        if (record.events.length > 0) known.add(record);
      }
      await Promise.all(writes.values());
    }
  }

  /** The end of a run's parent; `null` where it begins with fresh weights. */
  async function startOf(plan: RunPlan): Promise<RunStart | null> {
    const { start } = plan;
    switch (start?.kind) {
      case undefined:
        return null;
      case "file":
        return { bytes: await store.startFile(start), own: false };
      case "run": {
        const bytes = await known.file(start.plan, "end.safetensors");
        if (bytes !== null) return { bytes, own: false };
        throw new Error(`The end of run ${known.parentOf(plan)!.plan.id} is gone: end.safetensors`);
      }
    }
  }
}

/** Plans in groups that can run at once: each group after the parent runs of its plans. */
function waves(plans: readonly RunPlan[]): RunPlan[][] {
  const depth = ({ start }: RunPlan): number => start?.kind === "run" ? 1 + depth(start.plan) : 0;
  const deepest = Math.max(-1, ...plans.map(depth));
  return Array.from({ length: deepest + 1 }, (_, level) => plans.filter((plan) => depth(plan) === level))
    .filter((wave) => wave.length > 0);
}
