import type { Comparison, Summary, SweepSummary, TuningSummary } from "#lab/summary.ts";
import { metricStyle } from "./metrics.ts";
import type { Figure, HeatmapCell, IntervalRow, Line } from "./model.ts";
import { compact, counted, fixed, signed } from "./numbers.ts";
import { capitalized } from "./text.ts";

/** What stands above the figures of differences. */
export const HOW_TO_READ =
  "Each mark is the mean of the differences within each seed, arm minus baseline; its bar is the 95 % bootstrap " +
  "interval, widened for few seeds. Where a bar crosses zero, these runs do not tell the arms apart. Each interval " +
  "stands for itself: of twenty comparisons without any effect, about one would still be told apart.";

/** One figure a metric: the paired difference of each arm, with its interval, against zero. */
export function differenceFigures(summary: Summary, series: readonly string[]): Figure[] {
  const metrics = [...new Set(summary.comparisons.map(({ metric }) => metric))];
  return metrics.flatMap((metric) => {
    const rows = summary.comparisons.filter((one) => one.metric === metric && one.difference !== null);
    return rows.length === 0 ? [] : [differenceFigure(metric, rows, series)];
  });
}

function differenceFigure(metric: string, rows: readonly Comparison[], series: readonly string[]): Figure {
  const { name, differenceUnit, scale, decimals } = metricStyle(metric);
  const targets = new Set(rows.map(({ against }) => against));
  const drawn = rows.map(({ arm, against, difference, interval }): IntervalRow => ({
    label: targets.size === 1 ? arm : `${arm} − ${against}`,
    series: indexOf(series, arm),
    value: scale * difference!,
    interval: interval && [scale * interval[0], scale * interval[1]],
  }));
  const told = drawn.map(({ label, value, interval: bounds }) =>
    `${label}: ${signed(value, decimals)}` +
    (bounds ? ` [${fixed(bounds[0], decimals)}, ${fixed(bounds[1], decimals)}]` : ", no interval")
  );
  const against = targets.size === 1 ? ` against “${[...targets][0]}”` : "";
  return {
    kind: "figure",
    id: `difference-${metric.replaceAll("_", "-").toLowerCase().replace(/[^a-z0-9-]/g, "")}`,
    title: `${capitalized(name)}${against}`,
    width: "half",
    caption: "",
    alt: `Paired differences in ${name}${against}. ${told.join("; ")}.`,
    chart: {
      kind: "intervals",
      x: {
        title: `difference${differenceUnit && ` (${differenceUnit})`}`,
        scale: "linear",
        decimals,
      },
      reference: 0,
      rows: drawn,
    },
  };
}

/** The sensitivity sweep: a heatmap over two settings, or a row for each value of one. */
export function sweepFigure(sweep: SweepSummary): Figure {
  const [rows, columns] = sweep.axes;
  const labels = sweep.axes.map(({ values }) => values.map(settingLabel));
  const told = sweep.cells.map(({ at, mean, spread }) =>
    `${at.map((index, axis) => labels[axis]![index]).join(", ")}: ${fixed(scaled(mean), 1)} %` +
    (spread === null ? "" : ` ± ${fixed(scaled(spread), 1)}`)
  );
  const base = {
    kind: "figure",
    id: "sensitivity",
    width: "full",
    title: `How sensitive is “${sweep.arm}” to its settings?`,
    alt: `Final validation accuracy by ${sweep.axes.map(({ label }) => label).join(" and ")}. ${
      told.join("; ")
    }.`,
  } as const;
  const noise = typicalSpread(sweep);
  const spreadText =
    "Mean over seeds of the final validation accuracy in %, ± standard deviation, and the number of runs." +
    (noise === null
      ? ""
      : ` The same setting varies by about ${fixed(scaled(noise), 1)} points from seed to seed ` +
        "(median standard deviation): read smaller differences between cells as noise.");
  if (!columns) {
    return {
      ...base,
      caption: spreadText,
      chart: {
        kind: "intervals",
        x: { title: "validation accuracy (%)", scale: "linear", decimals: 1 },
        reference: null,
        rows: sweep.cells.flatMap(({ at, mean, spread }): IntervalRow[] =>
          mean === null ? [] : [{
            label: `${rows!.label} ${labels[0]![at[0]!]!}`,
            series: null,
            value: 100 * mean,
            interval: spread === null ? null : [100 * (mean - spread), 100 * (mean + spread)],
          }]
        ),
      },
    };
  }
  return {
    ...base,
    caption: spreadText,
    chart: {
      kind: "heatmap",
      y: { title: axisTitle(rows!, labels[0]!), labels: labels[0]! },
      x: { title: axisTitle(columns, labels[1]!), labels: labels[1]! },
      valueTitle: "validation accuracy (%)",
      cells: labels[0]!.map((_, y) => labels[1]!.map((_, x) => heatmapCell(sweep, [y, x]))),
    },
  };
}

function heatmapCell(sweep: SweepSummary, at: readonly number[]): HeatmapCell {
  const cell = sweep.cells.find((one) => one.at.every((index, axis) => index === at[axis]));
  if (!cell || cell.mean === null) return { value: null, text: [cell ? "no run finished" : "not run"] };
  const spread = cell.spread === null ? "" : ` ± ${fixed(scaled(cell.spread), 1)}`;
  return {
    value: 100 * cell.mean,
    text: [`${fixed(scaled(cell.mean), 1)}${spread}`, counted(cell.runs, "run")],
  };
}

/** Accuracy against each rate that was tried, the chosen one marked. */
export function tuningFigure(tuning: readonly TuningSummary[], series: readonly string[]): Figure {
  const lines = tuning.flatMap(({ arm, trials, chosen }): Line[] => {
    const found = trials.filter(({ accuracy }) => accuracy !== null).toSorted((a, b) => a.value - b.value);
    if (found.length === 0) return [];
    const index = found.findIndex(({ value }) => value === chosen);
    return [{
      series: indexOf(series, arm) ?? 0,
      label: arm,
      x: found.map(({ value }) => value),
      y: found.map(({ accuracy }) => 100 * accuracy!),
      band: null,
      style: "points",
      chosen: index === -1 ? null : index,
    }];
  });
  return {
    kind: "figure",
    id: "tuning",
    title: "The rates that were tried",
    width: "full",
    caption:
      "Final validation accuracy of each rate, with a seed that no comparison uses. A star marks the rate that " +
      "was chosen; every arm with a rate of its own had the same budget. Rates that diverged are in the table.",
    alt: `Validation accuracy by learning rate. Chosen: ${
      tuning.map(({ arm, chosen }) => `${compact(chosen)} for ${arm}`).join("; ")
    }.`,
    chart: {
      kind: "lines",
      x: { title: "initial learning rate (log scale)", scale: "log", decimals: "significant" },
      y: { title: "validation accuracy (%)", scale: "linear", decimals: 1 },
      above: null,
      lines,
      levels: [],
    },
  };
}

/** A setting in few characters: shares of a run such as 33.333 % are rounded where they stay apart. */
export function settingLabel(value: unknown): string {
  if (typeof value === "number") return compact(value);
  if (Array.isArray(value)) {
    const rounded = value.map((part) => roundedShare(part));
    if (rounded.every((part) => part !== null) && new Set(rounded).size === value.length) {
      return `${rounded.join(" / ")} %`;
    }
    return value.map(settingLabel).join(" / ");
  }
  return typeof value === "string" ? value : JSON.stringify(value) ?? "–";
}

function roundedShare(value: unknown): number | null {
  const match = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value) : null;
  return match ? Math.round(Number(match[1])) : null;
}

function axisTitle({ label }: SweepSummary["axes"][number], labels: readonly string[]): string {
  return labels.every((text) => text.endsWith("%")) ? `${label} (share of the run)` : label;
}

function typicalSpread({ cells }: SweepSummary): number | null {
  const spreads = cells.flatMap(({ spread }) => spread ?? []).sort((a, b) => a - b);
  return spreads[Math.floor((spreads.length - 1) / 2)] ?? null;
}

function scaled(value: number | null): number | null {
  return value === null ? null : 100 * value;
}

function indexOf(series: readonly string[], arm: string): number | null {
  const index = series.indexOf(arm);
  return index === -1 ? null : index;
}
