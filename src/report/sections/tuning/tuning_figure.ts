import type { ScoreName } from "#results/score.ts";
import type { TuningSummary } from "#results/summary.ts";
import type { Line } from "../../charts/lines/chart.ts";
import { type Figure, seriesOf } from "../../model.ts";
import { compact, counted } from "#lib/numbers.ts";

/**
 * Accuracy, of images with masks Dice, against each learning rate that was tried, the chosen one marked.
 *
 * @param seeds count of seeds that tried each rate, 0 if unknown.
 * @param name of the figure by which rates were chosen.
 */
export function tuningFigure(
  tuning: readonly TuningSummary[],
  series: readonly string[],
  seeds: number,
  name: ScoreName,
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
  // All arms try the same rates, and only those were measured.
  const ticks = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
  return {
    kind: "figure",
    id: "tuning",
    title: `Validation ${name} by learning rate`,
    width: "full",
    caption: `Mean of the runs that did not fail${seedsText(seeds)}. Star: the chosen rate.`,
    alt: `Validation ${name} by learning rate. Chosen: ${
      tuning.map(({ arm, chosen }) => `${compact(chosen)} for ${arm}`).join("; ")
    }.`,
    chart: {
      kind: "lines",
      x: { title: "initial learning rate (log scale)", scale: "log", decimals: "significant", ticks },
      y: { title: `validation ${name} (%)`, scale: "linear", decimals: 1 },
      above: null,
      lines,
      levels: [],
    },
  };
}

function seedsText(seeds: number): string {
  return seeds === 0 ? "" : `, ${counted(seeds, "seed")} that no comparison uses`;
}
