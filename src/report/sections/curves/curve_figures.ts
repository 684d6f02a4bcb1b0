import { lossesOf } from "#results/losses.ts";
import { alignBySteps, type Band, corners } from "#stats/curves.ts";
import { quantile } from "#stats/summary.ts";
import type { Line, LineChart, SeedCurve } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";
import { counted } from "#lib/numbers.ts";
import { type ArmRuns, isWide, seedCurves, seedLine } from "./arm_lines.ts";
import { type Levels, scoreLevels, shownScore } from "./shown_score.ts";
import { blockOf, learningRate, trainingLoss, validationScore } from "./run_curves.ts";

/**
 * Training loss: each run averaged over blocks, then the mean and the band over the runs that did not fail; the entropy of
 * a known source as a floor.
 */
export function trainingLossFigure(
  arms: readonly ArmRuns[],
  { entropy }: Omit<Levels, "target"> = {},
): Figure {
  const block = blockOf(longest(arms));
  const drawn = arms.map((arm) => seedLine(arm, seedCurves(arm, (run) => trainingLoss(run, block)), "curve"));
  const top = Math.max(...drawn.flatMap(({ band }) => band!.high));
  const lines = drawn.map((line) => ({ ...line, runs: line.runs!.map((run) => below(run, top)) }));
  const scale = isWide(lines) ? "log" : "linear";
  const { alike, unit } = lossesOf(arms.flatMap(({ runs }) => runs));
  const notes = [...unit === null ? [] : [unit], ...scale === "log" ? ["log scale"] : []].join(", ");
  return {
    kind: "figure",
    id: "training-loss",
    title: "Training loss",
    width: "full",
    caption: `${block === 1 ? "Loss of each batch" : `Mean over ${counted(block, "step")}`}. ${BAND}${
      alike ? "" : " Arms have other losses: their levels do not compare."
    }${
      entropy === undefined
        ? ""
        : " Floor: the entropy of the text's source, below which no mean loss can stay."
    }`,
    alt: describe(
      "Training loss over steps",
      lines,
      (value) => value.toPrecision(3) + (unit === null ? "" : ` ${unit}`),
    ),
    chart: {
      ...lineChart(arms, lines, {
        title: `training loss${notes && ` (${notes})`}`,
        scale,
        decimals: 3,
      }),
      levels: entropy === undefined ? [] : [{ label: `floor ${entropy.toFixed(3)}`, value: entropy }],
    },
  };
}

/** A failed run is drawn no higher than the others reach. */
function below(run: SeedCurve, top: number): SeedCurve {
  return run.failed && Number.isFinite(top) ? { ...run, y: run.y.map((loss) => Math.min(loss, top)) } : run;
}

/**
 * Accuracy (of images with masks Dice, of text perplexity) on held-out validation data at each evaluation, mean and band over
 * the runs that did not fail.
 */
export function validationFigure(arms: readonly ArmRuns[], levels: Levels): Figure {
  const score = shownScore(arms);
  const { name, axis } = score;
  const lines = arms.map((arm) =>
    seedLine(arm, seedCurves(arm, (run) => validationScore(run, score)), "points")
  );
  const chart = lineChart(arms, lines, { ...axis, title: `validation ${axis.title}` });
  return {
    kind: "figure",
    id: "validation-accuracy",
    title: `Validation ${name}`,
    width: "full",
    caption: BAND,
    alt: describe(`Validation ${name} over steps`, lines, score.text),
    chart: { ...chart, levels: scoreLevels(levels, score) },
  };
}

/** The learning rate of every step as the device applied it, not as the schedule planned it. */
export function learningRateFigure(arms: readonly ArmRuns[]): Figure {
  const { lines, axis } = rateLines(arms);
  return {
    kind: "figure",
    id: "learning-rate",
    title: "Learning rate",
    width: "full",
    caption: "As the device applied it.",
    alt: describe("Learning rate over steps", lines, (value) => value.toPrecision(3)),
    chart: lineChart(arms, lines, axis),
  };
}

/** The rate of each arm, and the axis that shows them best. */
export function rateLines(arms: readonly ArmRuns[]): { lines: Line[]; axis: LineChart["y"] } {
  const bands = arms.map(({ runs }) => alignBySteps(runs.map(learningRate)));
  const scale = areSmall(bands) ? "log" : "linear";
  return {
    lines: arms.map(({ arm, series }, index) => rateLine(arm, series, bands[index]!, scale)),
    axis: { title: `learning rate${scale === "log" ? " (log scale)" : ""}`, scale, decimals: "significant" },
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

const BAND = "Mean over seeds, lowest to highest run; cross: failed.";

export function lineChart(arms: readonly ArmRuns[], lines: readonly Line[], y: LineChart["y"]): LineChart {
  const perEpoch = new Set(arms.flatMap(({ runs }) => runs.map(({ plan }) => plan.steps_per_epoch)));
  const [every] = perEpoch;
  return {
    kind: "lines",
    x: { title: "step", scale: "linear", decimals: 0 },
    y,
    // Arms with batches of different sizes have no epoch axis in common.
    above: every !== undefined && perEpoch.size === 1 ? { title: "epoch", every } : null,
    lines: lines.filter(({ x, runs = [] }) => x.length > 0 || runs.length > 0),
    levels: [],
  };
}

function longest(arms: readonly ArmRuns[]): number {
  return Math.max(1, ...arms.flatMap(({ runs }) => runs.map(({ plan }) => plan.total_steps)));
}

export function describe(title: string, lines: readonly Line[], format: (value: number) => string): string {
  const ends = lines.filter(({ y }) => y.length > 0).map(({ label, y }) =>
    `${label} from ${format(y[0]!)} to ${format(y.at(-1)!)}`
  );
  return `${title}. ${ends.join("; ")}.`;
}
