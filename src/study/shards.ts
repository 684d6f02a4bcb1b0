import type { RunPlan, RunRecord } from "#results/run.ts";
import { endOf } from "#results/run.ts";
import { missingStarts, runKey } from "#spec/plan.ts";
import { stepsOf } from "./study.ts";

/**
 * The shard, 1 … `of`, of each run of a stage and of its parent runs, by run key. It depends on what the runs are, not on
 * their names, on their order, or on which are trained already: every shard works out the same. Runs of one lineage
 * stay together, so that none waits for another shard; the lineages with most steps are given out first, each to the
 * shard that has the fewest steps so far.
 *
 * @param before keys of the runs of earlier stages, which are not given out again.
 */
export function splitRuns(
  plans: readonly RunPlan[],
  of: number,
  before: Pick<ReadonlySet<string>, "has">,
): ReadonlyMap<string, number> {
  const fresh = new Map<string, RunPlan>();
  for (const plan of [...missingStarts(plans), ...plans]) {
    const key = runKey(plan);
    if (!before.has(key)) fresh.set(key, plan);
  }
  const lineages = [...Map.groupBy(fresh, ([, plan]) => runKey(rootOf(plan)))]
    .map(([root, runs]) => ({ root, runs, steps: stepsOf(runs.map(([, plan]) => plan)) }))
    .sort((a, b) => b.steps - a.steps || (a.root < b.root ? -1 : 1));
  const loads = Array.from({ length: of }, () => 0);
  const shards = new Map<string, number>();
  for (const { runs, steps } of lineages) {
    const least = loads.indexOf(Math.min(...loads));
    loads[least]! += steps;
    for (const [key] of runs) shards.set(key, least + 1);
  }
  return shards;
}

/** Which shard trains which run, stage by stage. */
export interface Split {
  /** Gives out the runs of the next stage, as {@link splitRuns} does. */
  add(plans: readonly RunPlan[]): void;
  /** The number of the shard whose run this is. @throws {RangeError} for a run of no stage so far. */
  shardOf(plan: RunPlan): number;
}

export function createSplit(of: number): Split {
  const shards = new Map<string, number>();
  return {
    add: (plans) => {
      for (const [key, shard] of splitRuns(plans, of, shards)) shards.set(key, shard);
    },
    shardOf: (plan) => {
      const shard = shards.get(runKey(plan));
      if (shard !== undefined) return shard;
      throw new RangeError(`Cannot tell the shard of ${plan.id}: no stage so far has it`);
    },
  };
}

/** The first run of a run's lineage. */
function rootOf(plan: RunPlan): RunPlan {
  return plan.start?.kind === "run" ? rootOf(plan.start.plan) : plan;
}

/**
 * Seconds that runs were trained, each run once whatever it is called. The same wherever and whenever it is worked out, so
 * that all shards agree on a limit of time.
 */
export function trainedSeconds(records: readonly RunRecord[]): number {
  const each = new Map(records.map((record) => [runKey(record.plan), record]));
  return [...each.values()].reduce((sum, record) => {
    const end = endOf(record);
    const steps = (end?.step ?? 0) - (record.plan.first_step ?? 0);
    return sum + steps * (end?.ms_per_step ?? 0) / 1000;
  }, 0);
}
