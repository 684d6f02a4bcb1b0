import type { Study } from "#theory/study.ts";
import type { Axis } from "../../charts/axis.ts";
import type { Line } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";
import type { Table } from "../../table.ts";
import { compact, fixed, interval } from "../../format/numbers.ts";
import { line, lineFigure, powersOfTen } from "./lines.ts";

const ERROR: Axis = { title: "mean squared error E[x²] (log scale)", scale: "log", decimals: "significant" };

/** The error over an endless run's time scale, and over a run as one looks at it. */
export function errorFigures({ trajectories, trajectorySteps }: Study): Figure[] {
  const exact = trajectories.map(({ name, curve }, series) => line(series, name, curve.steps, curve.error));
  const measured = trajectories.map(({ name, steps, measured }, series) =>
    line(series, `${name}, measured`, steps, measured.map(({ value }) => value), { style: "crosses" })
  );
  return [
    errorFigure(
      {
        id: "error",
        title: "Error, both axes logarithmic",
        caption:
          "Curves: the exact recursion. Crosses: measured. A power of t is a straight line, its exponent the slope.",
      },
      [...exact, ...measured],
      {
        title: "steps (log scale)",
        scale: "log",
        decimals: 0,
        ticks: powersOfTen(trajectorySteps),
      },
    ),
    errorFigure(
      {
        id: "error-run",
        title: "The same run from its first step to its last",
        caption: "The exact curves over a linear axis, as training curves are drawn.",
      },
      exact,
      { title: "steps", scale: "linear", decimals: 0 },
    ),
  ];
}

function errorFigure(
  words: Pick<Figure, "id" | "title" | "caption">,
  lines: readonly Line[],
  x: Axis,
): Figure {
  const ends = lines.filter(({ style }) => style === "curve").map(({ label, y }) =>
    `${label} ends at ${compact(y.at(-1)!)}`
  );
  return lineFigure({
    ...words,
    width: "full",
    alt: `Mean squared error over steps: ${ends.join("; ")}.`,
    x,
    y: ERROR,
    lines,
  });
}

export function trajectoriesTable({ trajectories, conditions, trajectorySteps }: Study): Table {
  const meets = (name: string) => {
    const found = conditions.find((one) => one.name === name);
    return found === undefined ? "–" : found.rates.diverges && !found.squares.diverges ? "yes" : "no";
  };
  return {
    kind: "table",
    caption: `After ${compact(trajectorySteps, 6)} steps`,
    columns: [
      { label: "schedule", align: "left" },
      { label: "meets both", align: "left" },
      ...["E[x²]", "measured", "interval", "exponent", "measured", "interval", "start left"].map((label) => ({
        label,
        align: "right" as const,
      })),
    ],
    keys: 1,
    rows: trajectories.map(({ name, exact, measured, slope, startLeft }, series) => {
      const end = measured.at(-1)!;
      return {
        series,
        cells: [
          name,
          meets(name),
          compact(exact.at(-1)!),
          compact(end.value),
          `[${end.interval.map((bound) => compact(bound)).join(", ")}]`,
          fixed(slope.exact, 2),
          fixed(slope.value, 2),
          interval(slope.interval, 2),
          fixed(startLeft.exact, 3),
        ],
      };
    }),
    note:
      "Exact figures, then measured ones with 95 % intervals. Exponent: slope of ln E[x²] over ln t in the last " +
      "three doublings. Start left: share of the start's distance in the mean of x.",
  };
}
