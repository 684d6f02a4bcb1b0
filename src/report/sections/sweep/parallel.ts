import type { SweepOutcome } from "#results/sweep.ts";
import type { ParallelLine } from "../../charts/parallel.ts";
import type { Figure } from "../../model.ts";
import { counted } from "#lib/numbers.ts";
import { settingLabel } from "../../format/settings.ts";
import { capitalized } from "../../format/text.ts";
import {
  accuracyHeights,
  cellLabel,
  type ChartedSweep,
  heights,
  percent,
  scoreOfCells,
  scoreTitle,
} from "./axes.ts";

/** Every cell as a line through its settings to its accuracy. */
export function parallelFigure(sweep: ChartedSweep): Figure {
  const { axes, cells, region, rungs = [] } = sweep;
  const halved = rungs.length > 1;
  const scales = axes.map((_, index) => heights(sweep, index));
  const known = cells.filter(({ mean }) => mean !== null);
  const accuracy = accuracyHeights(known.map(({ mean }) => mean!));
  const rungAt = (rung: number) => (rung - 1) / Math.max(1, rungs.length - 1);
  return {
    kind: "figure",
    id: "parallel",
    width: "full",
    title: `Settings and ${scoreOfCells(sweep)} of every cell`,
    caption: [
      `A line a cell; strong colours: high ${scoreOfCells(sweep)}.`,
      ...(region === null ? [] : [
        `Heavy: the best region${halved ? " of the last rung" : ""}.`,
      ]),
      ...(halved
        ? [
          `${
            capitalized(scoreOfCells(sweep))
          } is that of the last rung that a cell reached: compare only cells of the same rung.`,
        ]
        : []),
    ].join(" "),
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
        { title: scoreTitle(sweep), ticks: accuracy.ticks },
      ],
      valueTitle: scoreTitle(sweep),
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
        strong: region !== null && cell.within && cell.rung === Math.max(1, rungs.length),
      })),
    },
  };
}

/** Accuracy of each cell from rung to rung; a line ends where its cell was dropped. */
export function rungsFigure(sweep: ChartedSweep & Pick<SweepOutcome, "rungs">): Figure {
  const { rungs, cells } = sweep;
  const accuracy = accuracyHeights(rungs.flatMap((rung) => rung.cells.flatMap(({ mean }) => mean ?? [])));
  const axes = rungs.map(({ cells, rung }, index) => ({
    title: `rung ${rung}: ${counted(cells.length, "cell")}`,
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
    title: `${capitalized(scoreOfCells(sweep))} from rung to rung`,
    caption: `Mean ${
      scoreTitle(sweep)
    } at the end of each rung, which trains from scratch. Heavy lines reached the last. Lengths: ${
      rungs.map(({ duration }) => duration).join(", ")
    }.`,
    alt: `${counted(rungs.length, "rung")}: ${
      rungs.map(({ cells, duration }) => `${cells.length} cells at ${duration}`).join(", ")
    }.`,
    chart: { kind: "parallel", axes, valueTitle: scoreTitle(sweep), lines },
  };
}
