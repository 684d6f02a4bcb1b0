import { BASELINE, type Family, trainedFamilies } from "./families.ts";
import type { Profile, Workload } from "./workloads.ts";

/** A workload at one length: one experiment, in a folder of its own. */
export interface Setting {
  /** `cnn-2x`, also its folder. */
  readonly name: string;
  readonly workload: Workload;
  /** In shortest lengths. */
  readonly length: number;
}

/** The settings in the order in which they are trained: short ones of every workload first. */
export function settingsOf({ workloads, lengths }: Profile): Setting[] {
  return lengths.flatMap((length) =>
    workloads.map((workload) => ({ name: `${workload.name}-${length}x`, workload, length }))
  );
}

/**
 * The experiment of a setting, as plain data of docs/spec.md. Every family tries as many rates, and every rate is trained
 * with the seeds of the comparison too, so that a choice of other rates, or from other seeds, needs no further run.
 */
export function specOf(
  { name, workload, length }: Setting,
  { tuningSeeds, seeds }: Profile,
  families: readonly Family[],
): Readonly<Record<string, unknown>> {
  const { model, optimizer, dataset, batchSize, steps, rates } = workload;
  const averaged = (family: Family) => families.some(({ runsOf }) => runsOf === family.name);
  return {
    name: `benchmark ${name}`,
    dataset,
    model,
    optimizer,
    batch_size: batchSize,
    duration: `${steps * length} steps`,
    eval_every: "10%",
    seeds,
    tune: { rates, seeds: tuningSeeds, budgets: true },
    baseline: families.some(({ name }) => name === BASELINE) ? BASELINE : families[0]!.name,
    predictions: false,
    arms: trainedFamilies(families).map((family) => ({
      name: family.name,
      schedule: family.schedule,
      ...(averaged(family) && { averages: [{ kind: "ema", decay: 0.98, from: "50%" }] }),
    })),
  };
}
