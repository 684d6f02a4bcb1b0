import { hasDiverged } from "#results/final.ts";
import { lossesOf, lossTitle } from "#results/losses.ts";
import {
  bestByCycle,
  lossAroundRestart,
  pathsOverSeeds,
  sharpnessByCycle,
} from "#study/experiment/restarts.ts";
import { alignBySteps, type Curve } from "#stats/curves.ts";
import { type ArmRuns, bandLine } from "../curves/arm_lines.ts";
import type { Axis } from "../../charts/axis.ts";
import type { Line, LineChart } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";

/** With more lines than this, one line shows all restarts, or the last path, of an arm. */
const MOST_LINES = 6;
const SEEDS = "Line: mean over seeds.";

/** Training loss around each restart, relative to its value before. */
export function lossAroundRestartsFigure(arms: readonly ArmRuns[]): Figure[] {
  const finished = arms.map((arm) => ({ ...arm, runs: arm.runs.filter((run) => !hasDiverged(run)) }));
  const all = finished.flatMap(({ runs }) => runs);
  const { unit } = lossesOf(all);
  const isCrowded = finished.flatMap(({ runs }) => restartedCycles(runs)).length > MOST_LINES;
  const lines = finished.flatMap(({ arm, series, runs }): Line[] => {
    const cycles = restartedCycles(runs);
    const curves = (cycle: number) => runs.flatMap((run) => lossAroundRestart(run, cycle) ?? []);
    if (isCrowded) {
      const label = `${arm}, ${cycles.length === 1 ? "one restart" : `all ${cycles.length} restarts`}`;
      return [bandLine(label, series, alignBySteps(cycles.flatMap(curves)), "curve")];
    }
    return cycles.map((cycle, variant) => ({
      ...bandLine(`${arm}, restart ${cycle}`, series, alignBySteps(curves(cycle)), "curve"),
      variant,
    }));
  });
  return figure(lines, {
    id: "loss-around-restarts",
    title: "Training loss around each restart",
    width: "full",
    caption: `Smoothed, minus its mean over the twentieth of the run before the restart. ${SEEDS}`,
    x: { title: "steps since the restart", scale: "linear", decimals: 0 },
    y: { title: lossTitle("change of the training loss", all), scale: "linear", decimals: 3 },
    levels: [{ label: "before the restart", value: 0 }],
    described: ({ label, y }) =>
      `${label}: highest at ${Math.max(...y).toFixed(3)}${unit === null ? "" : ` ${unit}`}`,
  });
}

/** Best validation accuracy of each cycle. */
export function bestByCycleFigure(arms: readonly ArmRuns[]): Figure[] {
  const lines = byCycle(arms, (run) => {
    const { steps, values } = bestByCycle(run);
    return { steps, values: values.map((value) => 100 * value) };
  });
  return figure(lines, {
    id: "best-by-cycle",
    title: "Best accuracy of each cycle",
    width: "half",
    caption: `Highest validation accuracy of each cycle. ${SEEDS}`,
    x: cycleAxis(lines),
    y: { title: "validation accuracy (%)", scale: "linear", decimals: 1 },
    levels: [],
    described: ({ label, y }) => `${label}: ${y.map((value) => value.toFixed(1)).join(", ")} %`,
  });
}

/** Rise of the loss under random changes of the weights, at the end of each cycle. */
export function sharpnessFigure(arms: readonly ArmRuns[]): Figure[] {
  const radius = arms.flatMap(({ runs }) => runs).flatMap(({ events }) => events)
    .find((event) => event.kind === "sharpness")?.radius;
  const lines = byCycle(arms, sharpnessByCycle);
  return figure(lines, {
    id: "sharpness",
    title: "Sharpness at the end of each cycle",
    width: "half",
    caption:
      `Rise of the validation loss when each kernel is moved by ${
        100 * (radius ?? 0)
      } % of its norm in a random ` +
      `direction, mean over directions. ${SEEDS}`,
    x: cycleAxis(lines),
    y: { title: "rise of the validation loss (nats)", scale: "linear", decimals: 3 },
    levels: [],
    described: ({ label, y }) => `${label}: ${y.map((value) => value.toFixed(3)).join(", ")} nats`,
  });
}

/** Loss along the linear path from the weights that runs continue from to their final weights. */
export function startToEndFigure(arms: readonly ArmRuns[]): Figure[] {
  const lines = arms.flatMap(({ arm, series, runs }) =>
    pathsOverSeeds(runs).filter(({ from }) => from === "start").map(({ curves }) =>
      bandLine(arm, series, alignBySteps(curves), "points")
    )
  );
  return figure(lines, {
    id: "leaving",
    title: "Loss along the linear path from start to end",
    width: "full",
    caption:
      "Weights interpolated between those that an arm continues from (0) and its final ones (1). A rise above both ends is a " +
      `loss barrier. ${SEEDS}`,
    ...ALONG,
  });
}

/** Loss along the linear paths between the ends of neighbouring cycles. */
export function pathsFigure(arms: readonly ArmRuns[]): Figure[] {
  const all = arms.map((arm) => ({
    ...arm,
    paths: pathsOverSeeds(arm.runs).filter(({ from }) => from !== "start"),
  }));
  const isCrowded = all.flatMap(({ paths }) => paths).length > MOST_LINES;
  const lines = all.flatMap(({ arm, series, paths }) =>
    paths.slice(isCrowded ? -1 : 0).map(({ from, to, curves }, variant): Line => ({
      ...bandLine(`${arm}, cycle ${from} to ${to}`, series, alignBySteps(curves), "points"),
      variant,
    }))
  );
  return figure(lines, {
    id: "paths",
    title: "Loss along the linear paths between the ends of cycles",
    width: "full",
    caption:
      `Weights interpolated from the end of one cycle (0) to that of the next (1). A rise above both is a loss barrier. ${SEEDS}` +
      (isCrowded ? " Only the last two cycles of each arm are drawn; the table lists all." : ""),
    ...ALONG,
  });
}

const ALONG = {
  x: { title: "position along the path", scale: "linear", decimals: 3 },
  y: { title: "validation loss (nats)", scale: "linear", decimals: 3 },
  levels: [],
  described: ({ label, y }: Line) =>
    `${label}: from ${y[0]!.toFixed(3)} to ${y.at(-1)!.toFixed(3)} nats, at most ` +
    `${Math.max(...y).toFixed(3)}`,
} as const;

/** Numbers of the cycles that a restart begins. */
function restartedCycles(runs: ArmRuns["runs"]): number[] {
  const cycles = runs.flatMap(({ events }) =>
    events.flatMap((event) => event.kind === "restart" ? [event.cycle] : [])
  );
  return [...new Set(cycles)].sort((a, b) => a - b);
}

function byCycle(arms: readonly ArmRuns[], of: (run: ArmRuns["runs"][number]) => Curve): Line[] {
  return arms.map(({ arm, series, runs }) => bandLine(arm, series, alignBySteps(runs.map(of)), "points"));
}

/** Whole numbers of cycles, as long as there is room for each. */
function cycleAxis(lines: readonly Line[]): Axis {
  const cycles = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
  return { title: "cycle", scale: "linear", decimals: 0, ...(cycles.length <= 12 && { ticks: cycles }) };
}

interface Drawn
  extends Pick<Figure, "id" | "title" | "width" | "caption">, Pick<LineChart, "x" | "y" | "levels"> {
  readonly described: (line: Line) => string;
}

function figure(lines: readonly Line[], { x, y, levels, described, ...rest }: Drawn): Figure[] {
  const drawn = lines.filter((line) => line.x.length > 0);
  if (drawn.length === 0) return [];
  return [{
    kind: "figure",
    ...rest,
    alt: `${rest.title}. ${drawn.map(described).join("; ")}.`,
    chart: { kind: "lines", x, y, above: null, lines: drawn, levels },
  }];
}
