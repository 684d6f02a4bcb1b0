import type { TrainEvent } from "#train/events.ts";
import { runKey } from "#spec/plan.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { Pool } from "./pool.ts";
import type { RunRecord } from "./record.ts";
import type { Store } from "./store.ts";

export interface RunnerOptions {
  readonly pool: Pool;
  readonly store: Store;
  readonly made: RunRecord["made"];
  /** Told of every event as it comes, after it was stored. */
  readonly onEvents: (plan: RunPlan, events: readonly TrainEvent[]) => void;
  /** Told of each plan that needs no running: it is on disk (with its record), or another plan is the same run. */
  readonly onKnown: (plan: RunPlan, record: RunRecord | null) => void;
}

/** Plans to records; the same run is never made twice in an experiment, whatever it is called. */
export interface Runner {
  /** Runs what is not known yet. What was measured before a failure is kept. */
  run(plans: readonly RunPlan[]): Promise<void>;
  /** What is known of these plans, in their order; plans that were never started have no record. */
  records(plans: readonly RunPlan[]): RunRecord[];
}

export function createRunner({ pool, store, made, onEvents, onKnown }: RunnerOptions): Runner {
  const known = new Map<string, RunRecord>();
  return {
    run: async (plans) => {
      const fresh: RunPlan[] = [];
      const planned = new Set<string>();
      for (const plan of plans) {
        const key = runKey(plan);
        if (!known.has(key) && !planned.has(key)) {
          const earlier = await store.finished(plan);
          if (earlier) known.set(key, earlier);
          else fresh.push(plan);
          planned.add(key);
          if (!earlier) continue;
        }
        onKnown(plan, known.get(key) ?? null);
      }
      await runFresh(fresh);
    },
    records: (plans) =>
      plans.flatMap((plan) => {
        const record = known.get(runKey(plan));
        return record ? [{ ...record, plan }] : [];
      }),
  };

  async function runFresh(plans: readonly RunPlan[]): Promise<void> {
    const events = new Map<string, TrainEvent[]>();
    // Writes of one run follow each other; a failed one surfaces when the stage ends.
    const writes = new Map<string, Promise<void>>();
    try {
      await pool.run(plans, (plan, batch) => {
        const sofar = events.get(plan.id);
        if (sofar) sofar.push(...batch);
        else events.set(plan.id, [...batch]);
        const before = writes.get(plan.id) ?? store.begin({ version: 1, plan, made });
        const write = before.then(() => store.append(plan, batch));
        // Marked as handled: it is awaited below.
        write.catch(() => pool.stop());
        writes.set(plan.id, write);
        onEvents(plan, batch);
      });
    } finally {
      for (const plan of plans) {
        const record: RunRecord = { version: 1, plan, made, events: events.get(plan.id) ?? [] };
        if (record.events.length > 0) known.set(runKey(plan), record);
      }
      await Promise.all(writes.values());
    }
  }
}
