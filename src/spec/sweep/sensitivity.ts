import type { StartFiles } from "../lineage.ts";
import { readPath, setIn } from "../path.ts";
import { type ChosenRates, NO_FILES, resolve, startOf } from "../plan.ts";
import { planRun } from "../plan_run.ts";
import type { Spec } from "../schema.ts";
import { specAxes } from "./axes.ts";
import { gridCells, type PlannedCell, runStem, withCell } from "./cells.ts";

/**
 * The sensitivity sweep of a spec: every combination of its `sweep:` with every seed, each on top of the schedule that
 * tuning left its arm with. Empty without `sweep:`.
 *
 * @throws {PlanError} as `planArms`.
 */
export function planSensitivity(
  spec: Spec,
  trainImages: number,
  chosen: ChosenRates,
  files: StartFiles = NO_FILES,
): PlannedCell[] {
  const axes = specAxes(spec);
  if (axes.length === 0) return [];
  const index = readPath(axes[0]!.path)[1] as number;
  const arm = spec.arms[index]!;
  const tuned = setIn(spec, ["arms", index, "schedule"], resolve(arm.schedule, arm.name, chosen)) as Spec;
  const facts = { trainImages, chosen, files };
  return gridCells(axes).map((cell) => {
    const { schedule } = withCell(tuned, axes, cell).arms[index]!;
    const plans = (spec.sweep!.seeds ?? spec.seeds).map((seed) =>
      planRun(spec, arm, trainImages, {
        role: "sweep",
        // Runs of the arms stand in the same folder.
        stem: `sweep-${runStem(cell)}`,
        schedule,
        seed,
        start: startOf(spec, arm, { seed }, facts),
      })
    );
    return { cell, plans };
  });
}
