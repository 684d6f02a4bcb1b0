import { runKey } from "#spec/plan.ts";
import { mean, sampleSd } from "#stats/summary.ts";
import type { Evidence, Results } from "./evidence.ts";
import { finalEval } from "#results/final.ts";
import type { SweepSummary } from "#results/summary.ts";

/** Final validation accuracy of each cell by seed. A cell may share its runs with an arm or another cell. */
export function sweepRunsOf({ cells, sweep }: Pick<Results, "cells" | "sweep">): Evidence["sweepRuns"] {
  const byKey = new Map(sweep.map((record) => [runKey(record.plan), record]));
  return cells.map(({ at, plans }) => ({
    at,
    values: new Map(plans.flatMap((plan): [number, number][] => {
      const record = byKey.get(runKey(plan));
      const held = record ? finalEval(record, "validation") : null;
      return held ? [[plan.seed, held.accuracy]] : [];
    })),
  }));
}

/** What a summary tells of the sweep; `null` where the spec has none. */
export function sweepOf(
  { spec, cells }: Pick<Results, "spec" | "cells">,
  sweepRuns: Evidence["sweepRuns"],
): SweepSummary | null {
  if (!spec.sweep || cells.length === 0) return null;
  return {
    arm: cells[0]!.plans[0]!.arm,
    metric: "validation_accuracy",
    axes: Object.entries(spec.sweep.over).map(([path, values]) => ({
      path,
      label: path.split(".").at(-1)!,
      values,
    })),
    cells: sweepRuns.map(({ at, values }) => {
      const found = [...values.values()];
      return {
        at,
        mean: found.length ? mean(found) : null,
        spread: found.length > 1 ? sampleSd(found) : null,
        runs: found.length,
      };
    }),
  };
}
