import type { CellOutcome, SweptAxis } from "#results/swept_cells.ts";
import type { HeatmapCell } from "../../charts/heatmap.ts";
import type { IntervalRow } from "../../charts/interval_range.ts";
import type { Line } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";
import { counted } from "#lib/numbers.ts";
import { settingLabel } from "../../format/settings.ts";
import { parallelFigure, rungsFigure } from "./parallel.ts";
import { cellLabel, type ChartedSweep, MOST_TICKS, percent, scoreOfCells, scoreTitle } from "./axes.ts";

/** The figures of a sweep: over one axis a curve or rows, over two a map, over more than one parallel coordinates. */
export function sweepFigures(sweep: ChartedSweep): Figure[] {
  const { rungs = [] } = sweep;
  return [
    ...(rungs.length > 1 ? [rungsFigure({ ...sweep, rungs })] : mapFigure(sweep)),
    ...(sweep.axes.length > 1 ? [parallelFigure(sweep)] : []),
  ];
}

const reading = (sweep: ChartedSweep) =>
  `Final validation ${scoreOfCells(sweep)} in %: mean ± standard deviation.`;

function mapFigure(sweep: ChartedSweep): Figure[] {
  const { axes, cells } = sweep;
  const [first, second] = axes;
  const common = {
    kind: "figure",
    id: "map",
    width: "full",
    title: `Validation ${scoreOfCells(sweep)} over ${axes.map(({ label }) => label).join(" and ")}`,
    alt: `${reading(sweep)} ${
      cells.map((cell) => `${cellLabel(sweep, cell)}: ${meanText(cell)}`).join("; ")
    }.`,
  } as const;
  if (axes.length === 1) {
    return [{
      ...common,
      ...(first!.values.every((value) => typeof value === "number") ? curve(sweep) : rows(sweep)),
    }];
  }
  const isGrid = axes.length === 2 && cells.length === first!.values.length * second!.values.length;
  return isGrid ? [{ ...common, ...heatmap(sweep) }] : [];
}

function heatmap(sweep: ChartedSweep): Pick<Figure, "caption" | "chart"> {
  const [down, across] = sweep.axes as [SweptAxis, SweptAxis];
  const cellAt = (values: readonly unknown[]) =>
    sweep.cells.find((cell) => JSON.stringify(cell.values) === JSON.stringify(values))!;
  return {
    caption: reading(sweep) +
      (sweep.region === null ? "" : " The line encloses the best region."),
    chart: {
      kind: "heatmap",
      y: headed(down),
      x: headed(across),
      valueTitle: scoreTitle(sweep),
      cells: down.values.map((y) => across.values.map((x) => heatmapCell(sweep, cellAt([y, x])))),
    },
  };
}

function headed({ label, values }: SweptAxis): { title: string; labels: string[] } {
  const labels = values.map(settingLabel);
  return {
    title: labels.every((text) => text.endsWith("%")) ? `${label} (share of the run)` : label,
    labels,
  };
}

function heatmapCell({ best, region }: ChartedSweep, outcome: CellOutcome): HeatmapCell {
  const { cell, mean, runs, within } = outcome;
  const finished = runs.filter(({ reason }) => reason === "budget").length;
  if (mean === null) {
    const diverged = runs.some(({ reason }) => reason === "diverged");
    return {
      value: null,
      text: [diverged ? "diverged" : finished === 0 ? "no run finished" : "not finished"],
    };
  }
  return {
    value: 100 * mean,
    text: [meanText(outcome).replace(" %", ""), cell === best?.cell ? "best" : counted(finished, "run")],
    outlined: region !== null && within,
  };
}

/** `71.2 % ± 0.4`. */
function meanText({ mean, sd }: CellOutcome): string {
  return `${percent(mean)} %${sd === null ? "" : ` ± ${percent(sd)}`}`;
}

/** Accuracy over one numeric axis. */
function curve(sweep: ChartedSweep): Pick<Figure, "caption" | "chart"> {
  const { axes, cells, best, region, request } = sweep;
  const sorted = cells.filter(({ mean }) => mean !== null).toSorted((a, b) =>
    Number(a.values[0]) - Number(b.values[0])
  );
  const { label, values } = axes[0]!;
  const x = (some: readonly CellOutcome[]) => some.map((cell) => Number(cell.values[0]));
  const lower = region === null ? [] : sorted.filter(({ within }) => !within);
  const star = sorted.findIndex(({ cell }) => cell === best?.cell);
  const main: Line = {
    series: 0,
    label: "mean ± standard deviation",
    x: x(sorted),
    y: sorted.map(({ mean }) => 100 * mean!),
    band: {
      low: sorted.map(({ mean, sd }) => 100 * (mean! - (sd ?? 0))),
      high: sorted.map(({ mean, sd }) => 100 * (mean! + (sd ?? 0))),
    },
    bars: true,
    style: "points",
    chosen: star < 0 ? null : star,
  };
  const axis = request?.axes[0];
  const isLog = axis?.kind === "range" ? axis.scale === "log" : spansDecades(values as number[]);
  return {
    caption: reading(sweep) + (star < 0 ? "" : " A star marks the best cell") +
      (lower.length > 0 ? "; crosses mark cells outside the best region." : star < 0 ? "" : "."),
    chart: {
      kind: "lines",
      bands: "deviation",
      x: {
        title: isLog ? `${label} (log scale)` : label,
        scale: isLog ? "log" : "linear",
        decimals: "significant",
        ...(values.length <= MOST_TICKS && { ticks: values as number[] }),
      },
      y: { title: scoreTitle(sweep), scale: "linear", decimals: 1 },
      above: null,
      lines: lower.length === 0 ? [main] : [main, {
        series: 1,
        label: "outside the best region",
        x: x(lower),
        y: lower.map(({ mean }) => 100 * mean!),
        band: null,
        style: "crosses",
        chosen: null,
      }],
      levels: [],
    },
  };
}

/** Values over more than a factor of 20 above 0 would crowd on a linear axis. */
function spansDecades(values: readonly number[]): boolean {
  return Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > 20;
}

/** A row for each word of one axis. */
function rows(sweep: ChartedSweep): Pick<Figure, "caption" | "chart"> {
  const { axes, cells } = sweep;
  return {
    caption: reading(sweep),
    chart: {
      kind: "intervals",
      x: { title: scoreTitle(sweep), scale: "linear", decimals: 1 },
      reference: null,
      rows: cells.flatMap(({ values, mean, sd }): IntervalRow[] =>
        mean === null ? [] : [{
          label: `${axes[0]!.label} ${settingLabel(values[0])}`,
          series: null,
          value: 100 * mean,
          interval: sd === null ? null : [100 * (mean - sd), 100 * (mean + sd)],
        }]
      ),
    },
  };
}
