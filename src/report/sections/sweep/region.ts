import type { Fact } from "../../model.ts";
import { counted, fixed } from "#lib/numbers.ts";
import { settingLabel } from "../../format/settings.ts";
import { cellLabel, type ChartedSweep, percent } from "./axes.ts";

/** Explanation of the best region. */
export const REGION_TEXT =
  "The best cell is partly lucky. More reliable is the best region: all cells whose interval of the difference from it " +
  "includes zero; the intervals hold for all cells together, whichever is best.";

/** The best cell, its region and the noise, one fact a line. */
export function regionFacts(sweep: ChartedSweep): Fact[] {
  const { best, region, cells, rungs = [] } = sweep;
  if (best === null || region === null) return [{ label: "Best cell", value: "no cell has finished" }];
  const sd = cells.find(({ cell }) => cell === best.cell)?.sd ?? null;
  return [
    {
      label: "Best cell",
      value:
        `${cellLabel(sweep, best)}: ${percent(best.mean)} %${
          sd === null ? "" : ` ± ${percent(sd)}`
        } of validation ` +
        `images, ${counted(region.seeds, "seed")}`,
    },
    {
      label: "Not detectably worse",
      value: `${region.cells.length - 1} of the other ${counted(region.of - 1, "cell")} of ${
        rungs.length > 1 ? "the last rung" : "the sweep"
      }`,
    },
    ...region.axes.map(({ values }, index) => ({
      label: `${sweep.axes[index]!.label} in the best region`,
      value: rangeText(values, sweep.axes[index]!.values),
    })),
    ...(region.residual === null ? [] : [{
      label: "Noise",
      value: `${
        fixed(100 * region.residual, 1)
      } points between runs of the same setting (standard deviation; effects of cell and seed removed)`,
    }]),
    ...(region.detectable === null ? [] : [{
      label: "Smallest detectable difference",
      value: Number.isFinite(region.detectable)
        ? `${fixed(100 * region.detectable, 1)} points, detected in 8 of 10 such sweeps`
        : "none with this few seeds",
    }]),
  ];
}

/** `0.01 to 0.1`, or a list of words; marked where the region holds all values tried. */
function rangeText(values: readonly unknown[], tried: readonly unknown[]): string {
  const all = values.length === tried.length && tried.length > 1 ? " (all values tried)" : "";
  const isRange = values.length > 1 && values.every((value) => typeof value === "number");
  const text = isRange
    ? `${settingLabel(values[0])} to ${settingLabel(values.at(-1))}`
    : values.map(settingLabel).join(", ");
  return text + all;
}
