import type { CellOutcome, SweepOutcome } from "#lab/sweep/summary.ts";
import type { Figure, HeatmapCell, IntervalRow, Line, ParallelLine } from "./model.ts";
import { counted } from "./numbers.ts";
import { settingLabel } from "./settings.ts";
import { accuracyHeights, cellLabel, heights, percent } from "./sweep_axes.ts";

/** The figures of a sweep: over one axis a curve or rows, over two a map, over more than one parallel coordinates. */
export function sweepFigures(sweep: SweepOutcome): Figure[] {
  const halved = sweep.rungs.length > 1;
  return [
    ...(halved ? [rungsFigure(sweep)] : mapFigure(sweep)),
    ...(sweep.axes.length > 1 ? [parallelFigure(sweep)] : []),
  ];
}

const READING = "Mean over seeds of the final validation accuracy, ± standard deviation.";

function mapFigure(sweep: SweepOutcome): Figure[] {
  const { axes, cells } = sweep;
  const [first, second] = axes;
  const common = {
    kind: "figure",
    id: "map",
    width: "full",
    title: `Validation accuracy over ${axes.map(({ label }) => label).join(" and ")}`,
    alt: `${READING} ${
      cells.map((cell) => `${cellLabel(sweep, cell)}: ${percent(cell.mean)} %`).join("; ")
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

function heatmap(sweep: SweepOutcome): Pick<Figure, "caption" | "chart"> {
  const [down, across] = sweep.axes as [SweepOutcome["axes"][number], SweepOutcome["axes"][number]];
  const cellAt = (values: readonly unknown[]) =>
    sweep.cells.find((cell) => JSON.stringify(cell.values) === JSON.stringify(values))!;
  return {
    caption: `${READING} The line encloses the cells that cannot be told apart from the best one.`,
    chart: {
      kind: "heatmap",
      y: { title: down.label, labels: down.values.map(settingLabel) },
      x: { title: across.label, labels: across.values.map(settingLabel) },
      valueTitle: "validation accuracy (%)",
      cells: down.values.map((y) => across.values.map((x) => heatmapCell(sweep, cellAt([y, x])))),
    },
  };
}

function heatmapCell(
  { best, region }: SweepOutcome,
  { cell, mean, sd, runs, within }: CellOutcome,
): HeatmapCell {
  if (mean === null) {
    return {
      value: null,
      text: [runs.some(({ reason }) => reason === "diverged") ? "diverged" : "not finished"],
    };
  }
  return {
    value: 100 * mean,
    text: [
      `${percent(mean)}${sd === null ? "" : ` ± ${percent(sd)}`}`,
      cell === best?.cell ? "best" : counted(runs.length, "run"),
    ],
    outlined: region !== null && within,
  };
}

/** Accuracy over one numeric axis. */
function curve({ axes, cells, best, request }: SweepOutcome): Pick<Figure, "caption" | "chart"> {
  const sorted = cells.filter(({ mean }) => mean !== null).toSorted((a, b) =>
    Number(a.values[0]) - Number(b.values[0])
  );
  const { label, values } = axes[0]!;
  const x = (some: readonly CellOutcome[]) => some.map((cell) => Number(cell.values[0]));
  const lower = sorted.filter(({ within }) => !within);
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
    chosen: sorted.findIndex(({ cell }) => cell === best?.cell),
  };
  const isLog = request.axes[0]!.kind === "range"
    ? request.axes[0]!.scale === "log"
    : spansDecades(values as number[]);
  return {
    caption: `${READING} A star marks the best cell${
      lower.length > 0 ? "; crosses mark those that are detectably lower" : ""
    }.`,
    chart: {
      kind: "lines",
      x: {
        title: isLog ? `${label} (log scale)` : label,
        scale: isLog ? "log" : "linear",
        decimals: "significant",
      },
      y: { title: "validation accuracy (%)", scale: "linear", decimals: 1 },
      above: null,
      lines: lower.length === 0 ? [main] : [main, {
        series: 1,
        label: "detectably lower than the best",
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
function rows({ axes, cells }: SweepOutcome): Pick<Figure, "caption" | "chart"> {
  return {
    caption: READING,
    chart: {
      kind: "intervals",
      x: { title: "validation accuracy (%)", scale: "linear", decimals: 1 },
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

function parallelFigure(sweep: SweepOutcome): Figure {
  const { axes, cells, rungs } = sweep;
  const halved = rungs.length > 1;
  const scales = axes.map((_, index) => heights(sweep, index));
  const known = cells.filter(({ mean }) => mean !== null);
  const accuracy = accuracyHeights(known.map(({ mean }) => mean!));
  const rungAt = (rung: number) => (rung - 1) / Math.max(1, rungs.length - 1);
  return {
    kind: "figure",
    id: "parallel",
    width: "full",
    title: "Every cell across its settings",
    caption:
      `A line is a cell, the darker or lighter its colour stands out, the higher its accuracy. Heavy lines are the cells ${
        halved ? "of the last rung " : ""
      }that cannot be told apart from the best.${
        halved
          ? " Accuracy is that of the last rung that a cell came to: compare only cells of one rung."
          : ""
      }`,
    alt: `${counted(known.length, "cell")} over ${axes.map(({ label }) => label).join(", ")}.`,
    chart: {
      kind: "parallel",
      axes: [
        ...axes.map(({ label }, index) => ({ title: label, ticks: scales[index]!.ticks })),
        ...(halved
          ? [{
            title: "last rung",
            ticks: rungs.map(({ rung }) => ({ at: rungAt(rung), label: String(rung) })),
          }]
          : []),
        { title: "validation accuracy (%)", ticks: accuracy.ticks },
      ],
      valueTitle: "validation accuracy (%)",
      lines: known.map((cell): ParallelLine => ({
        label: `cell ${cell.cell}`,
        at: [
          ...cell.values.map((value, index) => scales[index]!.at(value)),
          ...(halved ? [rungAt(cell.rung)] : []),
          accuracy.at(cell.mean!),
        ],
        value: 100 * cell.mean!,
        text: [
          ...cell.values.map(settingLabel),
          ...(halved ? [String(cell.rung)] : []),
          percent(cell.mean),
        ],
        strong: cell.within && cell.rung === rungs.length,
      })),
    },
  };
}

/** Accuracy of each cell from rung to rung; lines end where cells were dropped. */
function rungsFigure(sweep: SweepOutcome): Figure {
  const { rungs, cells } = sweep;
  const accuracy = accuracyHeights(rungs.flatMap((rung) => rung.cells.flatMap(({ mean }) => mean ?? [])));
  const axes = rungs.map(({ duration, cells, rung }, index) => ({
    title: `rung ${rung}: ${duration}, ${counted(cells.length, "cell")}`,
    ticks: index === 0 ? accuracy.ticks : [],
  }));
  const lines = cells.flatMap((cell): ParallelLine[] => {
    const means = rungs.map((rung) => rung.cells.find((each) => each.cell === cell.cell)?.mean ?? null);
    const reached = means.slice(0, cell.rung).filter((mean) => mean !== null);
    if (reached.length < cell.rung) return [];
    return [{
      label: cellLabel(sweep, cell),
      at: reached.map(accuracy.at),
      value: 100 * reached.at(-1)!,
      text: reached.map(percent),
      strong: cell.rung === rungs.length,
    }];
  });
  return {
    kind: "figure",
    id: "rungs",
    width: "full",
    title: "Which cells went on",
    caption:
      "Mean validation accuracy (%) at the end of each rung, all rungs on one scale. Each rung trains anew, with the " +
      "schedule planned for its own length. Heavy lines reached the last rung; a single mark is a cell that was dropped " +
      "at once.",
    alt: `${counted(rungs.length, "rung")}: ${
      rungs.map(({ cells, duration }) => `${cells.length} cells at ${duration}`).join(", ")
    }.`,
    chart: { kind: "parallel", axes, valueTitle: "validation accuracy (%)", lines },
  };
}
