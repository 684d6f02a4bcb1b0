import { evals, hasDiverged } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";
import { alignBySteps, type Band, corners, type Curve, smoothed, thinned } from "#stats/curves.ts";
import { quantile } from "#stats/summary.ts";
import type { Line, LineChart } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";
import { counted } from "../../format/numbers.ts";

/** Points that a curve keeps of a long run, and the share of a run after which a loss weighs half in the average. */
const MOST_POINTS = 600;
const HALF_LIFE = 0.01;

/** An arm and its runs, those of the comparison alone. */
export interface ArmRuns {
  readonly arm: string;
  /** Index into the report's series. */
  readonly series: number;
  readonly runs: readonly RunRecord[];
}

/** Training loss: each run smoothed, then the mean and the band over runs that did not diverge. */
export function trainingLossFigure(arms: readonly ArmRuns[]): Figure {
  const halfLife = Math.max(1, Math.round(HALF_LIFE * longest(arms)));
  const curves = arms.map((arm) => ({
    ...arm,
    kept: arm.runs.filter((run) => !hasDiverged(run)).map((run) => smoothLoss(run, halfLife)),
  }));
  const lines = curves.map(({ arm, series, kept }) => bandLine(arm, series, alignBySteps(kept), "curve"));
  const top = Math.max(...lines.flatMap(({ band }) => band!.high));
  const crosses = arms.flatMap((arm) => divergedLine(arm, top));
  const scale = isWide(lines) ? "log" : "linear";
  return {
    kind: "figure",
    id: "training-loss",
    title: "Training loss",
    width: "full",
    caption:
      "Loss of each batch before its update, as the arm is trained with it, averaged exponentially (half-life " +
      `${counted(halfLife, "step")}, looking back only), then over seeds. ${BAND}` +
      (crosses.length > 0
        ? " A cross marks the last loss of a run that diverged; its curve is left out."
        : ""),
    alt: describe("Training loss over steps", lines, (value) => `${value.toPrecision(3)} nats`),
    chart: lineChart(arms, [...lines, ...crosses], {
      title: `training loss (nats${scale === "log" ? ", log scale" : ""})`,
      scale,
      decimals: 3,
    }),
  };
}

/** Accuracy on held-out validation data at each evaluation, mean and band over runs. */
export function validationFigure(arms: readonly ArmRuns[], target: number | null): Figure {
  const lines = arms.map(({ arm, series, runs }) =>
    bandLine(arm, series, alignBySteps(runs.map(validationAccuracy)), "points")
  );
  const chart = lineChart(arms, lines, { title: "validation accuracy (%)", scale: "linear", decimals: 1 });
  return {
    kind: "figure",
    id: "validation-accuracy",
    title: "Validation accuracy",
    width: "full",
    caption: `Share of held-out validation images classified correctly, at each evaluation. ${BAND}`,
    alt: describe("Validation accuracy over steps", lines, (value) => `${value.toFixed(1)} %`),
    chart: target === null
      ? chart
      : { ...chart, levels: [{ label: `target ${(100 * target).toFixed(1)} %`, value: 100 * target }] },
  };
}

/** The rate of every step as the device applied it, not as the schedule planned it. */
export function learningRateFigure(arms: readonly ArmRuns[]): Figure {
  const bands = arms.map(({ arm, series, runs }) => ({
    arm,
    series,
    band: alignBySteps(runs.map(learningRate)),
  }));
  const scale = areSmall(bands.map(({ band }) => band)) ? "log" : "linear";
  const lines = bands.map(({ arm, series, band }) => rateLine(arm, series, band, scale));
  return {
    kind: "figure",
    id: "learning-rate",
    title: "Learning rate",
    width: "full",
    caption: "The rate that each step applied, read back from the device.",
    alt: describe("Learning rate over steps", lines, (value) => value.toPrecision(3)),
    chart: lineChart(arms, lines, {
      title: `learning rate${scale === "log" ? " (log scale)" : ""}`,
      scale,
      decimals: "significant",
    }),
  };
}

/** Straight between its corners on the scale it is drawn on, so that a smooth schedule looks smooth and a drop sharp. */
function rateLine(
  label: string,
  series: number,
  { steps, mean, low, high }: Band,
  scale: "linear" | "log",
): Line {
  const onScale = (values: readonly number[]) => scale === "log" ? values.map(Math.log) : values;
  const kept = corners([mean, low, high].map(onScale));
  const pick = (values: readonly number[]) => kept.map((index) => values[index]!);
  const isFlat = low.every((value, index) => value === high[index]);
  return {
    series,
    label,
    x: pick(steps),
    y: pick(mean),
    band: isFlat ? null : { low: pick(low), high: pick(high) },
    style: "curve",
    chosen: null,
  };
}

/**
 * Whether most schedules spend a quarter of the run or more at rates below a fiftieth of the highest, as step decay
 * does: a linear axis would show all that as zero. A schedule that only ends near zero is told best by a linear one.
 */
function areSmall(bands: readonly Band[]): boolean {
  const highest = bands.reduce((most, { high }) => high.reduce((a, b) => Math.max(a, b), most), 0);
  const small = bands.filter(({ mean }) => mean.length > 0 && quantile(mean, 0.25) < highest / 50);
  return small.length > bands.length / 2 && bands.every(({ low }) => low.every((rate) => rate > 0));
}

const BAND = "Line: mean over seeds; band: from the lowest to the highest run.";

function lineChart(arms: readonly ArmRuns[], lines: readonly Line[], y: LineChart["y"]): LineChart {
  const perEpoch = new Set(arms.flatMap(({ runs }) => runs.map(({ plan }) => plan.steps_per_epoch)));
  const [every] = perEpoch;
  return {
    kind: "lines",
    x: { title: "step (steps)", scale: "linear", decimals: 0 },
    y,
    // Arms with batches of different sizes have no epoch axis in common.
    above: every !== undefined && perEpoch.size === 1 ? { title: "epoch", every } : null,
    lines: lines.filter(({ x }) => x.length > 0),
    levels: [],
  };
}

/** The mean of several runs as a line with its band, thinned where it is long. */
export function bandLine(label: string, series: number, band: Band, style: Line["style"]): Line {
  const kept = thinned([band.mean, band.low, band.high], MOST_POINTS);
  const pick = (values: readonly number[]) => kept.map((index) => values[index]!);
  return {
    series,
    label,
    x: pick(band.steps),
    y: pick(band.mean),
    band: { low: pick(band.low), high: pick(band.high) },
    style,
    chosen: null,
  };
}

/** The last finite loss of each diverged run, drawn no higher than the other curves reach. */
function divergedLine({ arm, series, runs }: ArmRuns, top: number): Line[] {
  const ends = runs.filter(hasDiverged).flatMap((run) => {
    const last = run.events.findLast((event) => event.kind === "step" && Number.isFinite(event.loss));
    return last?.kind === "step" ? [last] : [];
  }).sort((a, b) => a.step - b.step);
  if (ends.length === 0) return [];
  return [{
    series,
    label: `${arm} (diverged)`,
    x: ends.map(({ step }) => step),
    y: ends.map(({ loss }) => Number.isFinite(top) ? Math.min(loss, top) : loss),
    band: null,
    style: "crosses",
    chosen: null,
  }];
}

function smoothLoss({ events }: RunRecord, halfLife: number): Curve {
  const steps = events.filter((event) => event.kind === "step");
  return { steps: steps.map(({ step }) => step), values: smoothed(steps.map(({ loss }) => loss), halfLife) };
}

function validationAccuracy(run: RunRecord): Curve {
  const held = evals(run, "validation");
  return { steps: held.map(({ step }) => step), values: held.map(({ accuracy }) => 100 * accuracy) };
}

function learningRate({ events }: RunRecord): Curve {
  const steps = events.filter((event) => event.kind === "step");
  return { steps: steps.map(({ step }) => step), values: steps.map(({ lr }) => lr) };
}

function longest(arms: readonly ArmRuns[]): number {
  return Math.max(1, ...arms.flatMap(({ runs }) => runs.map(({ plan }) => plan.total_steps)));
}

/** Whether values above zero span more than a factor, so that a linear axis would hide most of them. */
export function isWide(lines: readonly Line[], factor = 20): boolean {
  const lowest = Math.min(...lines.flatMap(({ y, band }) => band?.low ?? y));
  const highest = Math.max(...lines.flatMap(({ y }) => y));
  return lowest > 0 && highest / lowest > factor;
}

function describe(what: string, lines: readonly Line[], told: (value: number) => string): string {
  const ends = lines.filter(({ y }) => y.length > 0).map(({ label, y }) =>
    `${label} from ${told(y[0]!)} to ${told(y.at(-1)!)}`
  );
  return `${what}. ${ends.join("; ")}.`;
}
