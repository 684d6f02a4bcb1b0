import { hasDiverged } from "#results/final.ts";
import {
  bestByCycle,
  lossAroundRestart,
  pathsOverSeeds,
  sharpnessByCycle,
} from "#study/experiment/restarts.ts";
import { alignBySteps, type Curve } from "#stats/curves.ts";
import { type ArmRuns, bandLine } from "../curves/curve_figures.ts";
import type { Axis } from "../../charts/axis.ts";
import type { Line, LineChart } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";

/** With more lines than this, one stands for all restarts, or for the last path, of an arm. */
const MOST_LINES = 6;
const SEEDS = "Line: mean over seeds; band: from the lowest to the highest run.";

/** Training loss before and after each restart, on its height before. */
export function lossAroundRestartsFigure(arms: readonly ArmRuns[]): Figure[] {
  const kept = arms.map((arm) => ({ ...arm, runs: arm.runs.filter((run) => !hasDiverged(run)) }));
  const isCrowded = kept.flatMap(({ runs }) => restartedCycles(runs)).length > MOST_LINES;
  const lines = kept.flatMap(({ arm, series, runs }): Line[] => {
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
    caption:
      "Nats above the mean of the twentieth of the run before the restart, averaged exponentially on either side apart; " +
      "the first hundredth of the run after it is left out, for an average of few batches is noise. The spike in the " +
      `table is the highest mean over a twentieth of the run; where a line comes back to zero, the run has recovered. ${SEEDS}`,
    x: { title: "steps since the restart", scale: "linear", decimals: 0 },
    y: { title: "training loss above that before (nats)", scale: "linear", decimals: 3 },
    levels: [{ label: "before the restart", value: 0 }],
    told: ({ label, y }) => `${label}: highest at ${Math.max(...y).toFixed(3)} nats`,
  });
}

/** The best evaluation of each cycle. */
export function bestByCycleFigure(arms: readonly ArmRuns[]): Figure[] {
  const lines = byCycle(arms, (run) => {
    const { steps, values } = bestByCycle(run);
    return { steps, values: values.map((value) => 100 * value) };
  });
  return figure(lines, {
    id: "best-by-cycle",
    title: "Best of each cycle",
    width: "half",
    caption: `Highest validation accuracy of each cycle. ${SEEDS}`,
    x: cycleAxis(lines),
    y: { title: "validation accuracy (%)", scale: "linear", decimals: 1 },
    levels: [],
    told: ({ label, y }) => `${label}: ${y.map((value) => value.toFixed(1)).join(", ")} %`,
  });
}

/** How much random changes of the weights cost at the end of each cycle. */
export function sharpnessFigure(arms: readonly ArmRuns[]): Figure[] {
  const radius = arms.flatMap(({ runs }) => runs).flatMap(({ events }) => events)
    .find((event) => event.kind === "sharpness")?.radius;
  const lines = byCycle(arms, sharpnessByCycle);
  return figure(lines, {
    id: "sharpness",
    title: "Sharpness at the end of each cycle",
    width: "half",
    caption:
      `Rise of the validation loss when each kernel is changed at random by ${
        100 * (radius ?? 0)
      } % of its ` +
      `norm, mean over directions. ${SEEDS}`,
    x: cycleAxis(lines),
    y: { title: "rise of the loss (nats)", scale: "linear", decimals: 3 },
    levels: [],
    told: ({ label, y }) => `${label}: ${y.map((value) => value.toFixed(3)).join(", ")} nats`,
  });
}

/** Loss between what runs went on from and their end: whether they left the valley that they began in. */
export function leavingFigure(arms: readonly ArmRuns[]): Figure[] {
  const lines = arms.flatMap(({ arm, series, runs }) =>
    pathsOverSeeds(runs).filter(({ from }) => from === "start").map(({ curves }) =>
      bandLine(arm, series, alignBySteps(curves), "points")
    )
  );
  return figure(lines, {
    id: "leaving",
    title: "Loss along the straight line from start to end",
    width: "full",
    caption:
      "Validation loss of weights between those that an arm went on from (0) and those that it ended with (1), " +
      `batch-norm statistics re-estimated at each place. Above both ends is a hill: the arm left its valley. A line that only falls leads out of none. ${SEEDS}`,
    ...ALONG,
  });
}

/** Loss between the ends of neighbouring cycles. */
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
    title: "Loss along the straight line between the ends of cycles",
    width: "full",
    caption:
      "Validation loss of weights between those at the end of one cycle (0) and of the next (1), batch-norm statistics " +
      `re-estimated at each place. A hill is a barrier: the restart led to another valley. ${SEEDS}` +
      (isCrowded ? " The last two cycles of each arm are drawn; the table has all." : ""),
    ...ALONG,
  });
}

const ALONG = {
  x: { title: "share of the way", scale: "linear", decimals: 3 },
  y: { title: "validation loss (nats)", scale: "linear", decimals: 3 },
  levels: [],
  told: ({ label, y }: Line) =>
    `${label}: from ${y[0]!.toFixed(3)} over at most ${Math.max(...y).toFixed(3)} to ` +
    `${y.at(-1)!.toFixed(3)} nats`,
} as const;

/** Numbers of the cycles that began with a restart. */
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
  readonly told: (line: Line) => string;
}

function figure(lines: readonly Line[], { x, y, levels, told, ...rest }: Drawn): Figure[] {
  const drawn = lines.filter((line) => line.x.length > 0);
  if (drawn.length === 0) return [];
  return [{
    kind: "figure",
    ...rest,
    alt: `${rest.title}. ${drawn.map(told).join("; ")}.`,
    chart: { kind: "lines", x, y, above: null, lines: drawn, levels },
  }];
}
