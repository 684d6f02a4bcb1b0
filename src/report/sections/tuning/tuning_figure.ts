import type { TuningSummary } from "#results/summary.ts";
import type { Line } from "../../charts/lines/chart.ts";
import { type Figure, seriesOf } from "../../model.ts";
import { compact } from "../../format/numbers.ts";

/** Accuracy against each rate that was tried, the chosen one marked; `seeds` as many as tried each, 0 if unknown. */
export function tuningFigure(
  tuning: readonly TuningSummary[],
  series: readonly string[],
  seeds: number,
): Figure {
  const lines = tuning.flatMap(({ arm, trials, chosen }): Line[] => {
    const found = trials.filter(({ accuracy }) => accuracy !== null).toSorted((a, b) => a.value - b.value);
    if (found.length === 0) return [];
    const index = found.findIndex(({ value }) => value === chosen);
    return [{
      series: seriesOf(series, arm) ?? 0,
      label: arm,
      x: found.map(({ value }) => value),
      y: found.map(({ accuracy }) => 100 * accuracy!),
      band: null,
      style: "points",
      chosen: index === -1 ? null : index,
    }];
  });
  // All arms try the same rates: nothing between them was measured.
  const ticks = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const counts = new Set(tuning.map(({ trials }) => trials.length));
  const budget = counts.size === 1 && tuning.length > 1
    ? `Every arm with a rate of its own tried as many: ${[...counts][0]}. `
    : "";
  return {
    kind: "figure",
    id: "tuning",
    title: "The rates that were tried",
    width: "full",
    caption:
      `Final validation accuracy with each rate${
        triedBy(seeds)
      }. A star marks the rate that was chosen. ${budget}` +
      "Rates with which every run diverged are in the table alone.",
    alt: `Validation accuracy by learning rate. Chosen: ${
      tuning.map(({ arm, chosen }) => `${compact(chosen)} for ${arm}`).join("; ")
    }.`,
    chart: {
      kind: "lines",
      x: { title: "initial learning rate (log scale)", scale: "log", decimals: "significant", ticks },
      y: { title: "validation accuracy (%)", scale: "linear", decimals: 1 },
      above: null,
      lines,
      levels: [],
    },
  };
}

function triedBy(seeds: number): string {
  if (seeds === 0) return "";
  return seeds === 1
    ? ", of one run with a seed that no comparison uses"
    : `, mean over ${seeds} seeds that no comparison uses`;
}
