import { evals, hasDiverged } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";
import { alignBySteps, type Band, corners, type Curve, smoothed } from "#stats/curves.ts";
import { quantile } from "#stats/summary.ts";
import type { Line, LineChart } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";
import { counted } from "../../format/numbers.ts";
import { type ArmRuns, bandLine, isWide } from "./arm_lines.ts";

/** Half-life of the smoothed loss, as a share of the run. */
const HALF_LIFE = 0.01;

/** Training loss: each run smoothed, then the mean and the band over runs that did not diverge. */
export function trainingLossFigure(arms: readonly ArmRuns[]): Figure {
  const halfLife = Math.max(1, Math.round(HALF_LIFE * longest(arms)));
  const curves = arms.map((arm) => ({
    ...arm,
    smooth: arm.runs.filter((run) => !hasDiverged(run)).map((run) => smoothLoss(run, halfLife)),
  }));
  const lines = curves.map(({ arm, series, smooth }) => bandLine(arm, series, alignBySteps(smooth), "curve"));
  const top = Math.max(...lines.flatMap(({ band }) => band!.high));
  const crosses = arms.flatMap((arm) => divergedLine(arm, top));
  const scale = isWide(lines) ? "log" : "linear";
  return {
    kind: "figure",
    id: "training-loss",
    title: "Training loss",
    width: "full",
    caption:
      "The training loss of each batch before its step, smoothed exponentially over past steps (half-life " +
      `${counted(halfLife, "step")}). ${BAND}` +
      (crosses.length > 0
        ? " A cross marks the last loss of a run that diverged; its curve is not drawn."
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
    caption: `Share of the validation images classified correctly, at each evaluation. ${BAND}`,
    alt: describe("Validation accuracy over steps", lines, (value) => `${value.toFixed(1)} %`),
    chart: target === null
      ? chart
      : { ...chart, levels: [{ label: `target ${(100 * target).toFixed(1)} %`, value: 100 * target }] },
  };
}

/** The learning rate of every step as the device applied it, not as the schedule planned it. */
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
    caption: "The learning rate that each step applied, read back from the device.",
    alt: describe("Learning rate over steps", lines, (value) => value.toPrecision(3)),
    chart: lineChart(arms, lines, {
      title: `learning rate${scale === "log" ? " (log scale)" : ""}`,
      scale,
      decimals: "significant",
    }),
  };
}

/** Only the corners of a rate on the scale of its axis, so that smooth schedules look smooth and drops sharp. */
function rateLine(
  label: string,
  series: number,
  { steps, mean, low, high }: Band,
  scale: "linear" | "log",
): Line {
  const onScale = (values: readonly number[]) => scale === "log" ? values.map(Math.log) : values;
  const indices = corners([mean, low, high].map(onScale));
  const pick = (values: readonly number[]) => indices.map((index) => values[index]!);
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
 * True where most schedules spend at least a quarter of the run at rates below a fiftieth of the highest, as step decay
 * does: a linear axis would show them as zero. A schedule that only ends near zero reads best on a linear one.
 */
function areSmall(bands: readonly Band[]): boolean {
  const highest = bands.reduce((most, { high }) => high.reduce((a, b) => Math.max(a, b), most), 0);
  const small = bands.filter(({ mean }) => mean.length > 0 && quantile(mean, 0.25) < highest / 50);
  return small.length > bands.length / 2 && bands.every(({ low }) => low.every((rate) => rate > 0));
}

const BAND = "Line: mean over seeds; band: lowest to highest run.";

function lineChart(arms: readonly ArmRuns[], lines: readonly Line[], y: LineChart["y"]): LineChart {
  const perEpoch = new Set(arms.flatMap(({ runs }) => runs.map(({ plan }) => plan.steps_per_epoch)));
  const [every] = perEpoch;
  return {
    kind: "lines",
    x: { title: "step", scale: "linear", decimals: 0 },
    y,
    // Arms with batches of different sizes have no epoch axis in common.
    above: every !== undefined && perEpoch.size === 1 ? { title: "epoch", every } : null,
    lines: lines.filter(({ x }) => x.length > 0),
    levels: [],
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

function describe(title: string, lines: readonly Line[], format: (value: number) => string): string {
  const ends = lines.filter(({ y }) => y.length > 0).map(({ label, y }) =>
    `${label} from ${format(y[0]!)} to ${format(y.at(-1)!)}`
  );
  return `${title}. ${ends.join("; ")}.`;
}
