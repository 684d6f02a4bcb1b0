import type { RunPlan, RunRecord } from "#results/run.ts";
import { isFinished, reachedEnd } from "#results/run.ts";
import { missingStarts, runKey } from "#spec/plan.ts";
import type { Store } from "../storage/store.ts";

/** The runs of a study that have a record, by what they are, whatever they are called. */
export interface KnownRuns {
  /**
   * The runs of these plans, and of their parent runs, that are not finished yet: each once, parents first. A run whose
   * parent left no end to start from is not among them.
   *
   * @throws {Error} where two different runs have one id: in one folder they would take each other's figures.
   */
  find(plans: readonly RunPlan[]): Promise<RunPlan[]>;
  /** Adds a record that was made here; one of a run that was stopped is not yet finished. */
  add(record: RunRecord): void;
  /** Says that this plan was left out, as its parent left no end. */
  leaveOut(plan: RunPlan): void;
  /** The run's parent where it ended after its last step, so that this run can start; `null` where there is none. */
  parentOf(plan: RunPlan): RunRecord | null;
  /** The records of these plans, in their order; plans that were never started have no record. */
  records(plans: readonly RunPlan[]): RunRecord[];
  /** A file that a run left, whatever the run is called on disk; `null` where it left none. */
  file(plan: RunPlan, name: string): Promise<Uint8Array | null>;
}

/**
 * @param onKnown called once with each plan that needs no training: it has a record (given), another plan is the same run,
 * or it was left out.
 */
export function knownRuns(
  store: Pick<Store, "finished" | "file">,
  onKnown: (plan: RunPlan, record: RunRecord | null) => void,
): KnownRuns {
  /** By run key; a record's plan is the one that is on disk. */
  const known = new Map<string, RunRecord>();
  /** The run that each id stands for. */
  const keys = new Map<string, string>();
  /** Ids of plans that were trained here, or reported. */
  const reported = new Set<string>();
  const claimId = (id: string, key: string) => {
    if ((keys.get(id) ?? key) !== key) throw new Error(`Cannot train two different runs as ${id}`);
    keys.set(id, key);
  };
  const report = (plan: RunPlan, record: RunRecord | null) => {
    if (!reported.has(plan.id)) onKnown(plan, record);
    reported.add(plan.id);
  };
  const of = (plan: RunPlan) => known.get(runKey(plan));
  /** True for a run in whose lineage one ended before its last step. */
  const isLeftOut = ({ start }: RunPlan): boolean => {
    if (start?.kind !== "run") return false;
    const parent = of(start.plan);
    return (parent !== undefined && isFinished(parent) && !reachedEnd(parent)) || isLeftOut(start.plan);
  };
  return {
    find: async (plans) => {
      const wanted = new Map<string, RunPlan>();
      for (const plan of [...missingStarts(plans), ...plans]) {
        const key = runKey(plan);
        claimId(plan.id, key);
        const twin = wanted.get(key);
        // The same run under another name: one of the two may be a parent run.
        wanted.set(key, twin ? { ...twin, ...(plan.keep_end && { keep_end: true }) } : plan);
        if (twin) report(plan, null);
      }
      const fresh: RunPlan[] = [];
      for (const [key, plan] of wanted) {
        const before = known.get(key);
        const record = before && isFinished(before) ? before : await store.finished(plan);
        if (record) {
          known.set(key, record);
          report(plan, record);
        } else if (isLeftOut(plan)) report(plan, null);
        else fresh.push(plan);
      }
      return fresh;
    },
    add: (record) => {
      known.set(runKey(record.plan), record);
      reported.add(record.plan.id);
    },
    leaveOut: (plan) => report(plan, null),
    parentOf: ({ start }) => {
      const parent = start?.kind === "run" ? of(start.plan) : undefined;
      return parent && reachedEnd(parent) ? parent : null;
    },
    records: (plans) =>
      plans.flatMap((plan) => {
        const record = of(plan);
        return record ? [{ ...record, plan }] : [];
      }),
    file: (plan, name) => {
      const record = of(plan);
      return record ? store.file(record.plan, name) : Promise.resolve(null);
    },
  };
}
