import type { Study } from "#theory/study.ts";
import type { Axis } from "../../charts/axis.ts";
import type { Line } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { compact, fixed, interval, MISSING } from "#lib/numbers.ts";
import { line, lineFigure, powersOfTen } from "./lines.ts";

const ERROR: Axis = { title: "mean squared error E[x²] (log scale)", scale: "log", decimals: "significant" };

/** The error on two logarithmic axes, and on a linear time axis. */
export function errorFigures({ trajectories, trajectorySteps }: Study): Figure[] {
  const exact = trajectories.map(({ name, curve }, series) => line(series, name, curve.steps, curve.error));
  const measured = trajectories.map(({ name, steps, measured }, series) =>
    line(series, `${name}, measured`, steps, measured.map(({ value }) => value), { style: "crosses" })
  );
  return [
    errorFigure(
      {
        id: "error",
        title: "Error on logarithmic axes",
        caption:
          "Curves: the exact recursion. Crosses: measured. A power of t appears as a straight line with its exponent as slope.",
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
        title: "Error on a linear time axis",
        caption: "The same exact curves, drawn as training curves usually are.",
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

/** Error at the end of each trajectory and its rate of decay, exact and measured. */
export function trajectoriesTable({ trajectories, conditions, trajectorySteps }: Study): Table {
  const meetsBoth = (name: string) => {
    const found = conditions.find((one) => one.name === name);
    return found === undefined ? MISSING : found.rates.diverges && !found.squares.diverges ? "yes" : "no";
  };
  return tableOf(trajectories, {
    caption: `Error after ${compact(trajectorySteps, 6)} steps`,
    columns: [
      left("schedule", ({ name }) => name),
      left("meets both conditions", ({ name }) => meetsBoth(name)),
      right("E[x²], exact", ({ exact }) => compact(exact.at(-1)!)),
      right("E[x²], measured", ({ measured }) => compact(measured.at(-1)!.value)),
      right(
        "95 % interval",
        ({ measured }) => `[${measured.at(-1)!.interval.map((bound) => compact(bound)).join(", ")}]`,
      ),
      right("exponent, exact", ({ slope }) => fixed(slope.exact, 2)),
      right("exponent, measured", ({ slope }) => fixed(slope.value, 2)),
      right("95 % interval", ({ slope }) => interval(slope.interval, 2)),
      right("share of start left", ({ startLeft }) => fixed(startLeft.exact, 3)),
    ],
    series: (_, index) => index,
    note:
      "Exponent: slope of ln E[x²] over ln t in the last three doublings of t. Share of start left: mean of x at the end " +
      "divided by its value at the start.",
  });
}
