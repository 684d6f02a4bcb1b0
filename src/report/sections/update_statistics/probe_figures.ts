import { median } from "#lib/median.ts";
import { steps } from "#results/final.ts";
import {
  firstLosses,
  medianBySteps,
  probed,
  probesOf,
  QUANTITIES,
  type Quantity,
} from "#study/experiment/first_steps.ts";
import type { Curve } from "#stats/curves.ts";
import { type ArmRuns, bandLine, isWide } from "../curves/arm_lines.ts";
import { learningRateFigure } from "../curves/curve_figures.ts";
import type { Line } from "../../charts/lines/chart.ts";
import type { Block, Figure } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { compact, counted, fixed, MISSING } from "#lib/numbers.ts";

/** Median and range over seeds; a run contributes until it ends. */
const SEEDS = "Line: median over seeds, with the runs that diverged.";
/** Half-life of the smoothed loss, as a share of the measured steps. */
const HALF_LIFE = 0.02;
/** Span, as a factor, above which the loss axis is logarithmic: an arm that starts badly would flatten the others. */
const LOSS_IS_WIDE = 4;

interface Shown {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly axis: string;
  readonly decimals: number | "significant";
  /** Span of the values, as a factor, above which the axis is logarithmic; as of `isWide` if not given. */
  readonly wide?: number;
}

const SHOWN: Record<Quantity, Shown> = {
  gradientNorm: {
    id: "first-gradient-norm",
    title: "Gradient norm, first steps",
    caption: "Over all trainable parameters, before clipping.",
    axis: "gradient norm",
    decimals: "significant",
  },
  updateToWeight: {
    id: "first-update-ratio",
    title: "Update ratio, first steps",
    caption: "Norm of the update divided by the norm of the weights before it.",
    axis: "update norm / weight norm",
    decimals: "significant",
  },
  secondMoment: {
    id: "first-second-moment",
    title: "Second moment of the optimizer, first steps",
    caption:
      "Root mean square of √v, bias-corrected. If too few gradients were to blame, it would vary widely over seeds at first.",
    axis: "root mean square of √v",
    decimals: "significant",
  },
  saturated: {
    id: "first-saturated",
    title: "Saturated weights, first steps",
    caption: "Share of weights that change by more than 0.9 of the learning rate.",
    axis: "share of weights (%)",
    decimals: 1,
  },
};

/**
 * Update statistics of the first steps: figures and a table; nothing where no run recorded them.
 *
 * @param failed count of runs of each arm that diverged or learnt nothing.
 */
export function probeBlocks(arms: readonly ArmRuns[], failed: ReadonlyMap<string, number>): Block[] {
  const measured = arms.filter(({ runs }) => runs.some((run) => probesOf(run).length > 0));
  if (measured.length === 0) return [];
  return [
    rateFigure(measured),
    lossFigure(measured),
    ...(Object.keys(QUANTITIES) as Quantity[]).flatMap((quantity) => quantityFigure(measured, quantity)),
    probesTable(measured, failed),
  ];
}

/** The learning rate over the measured steps, which are a small part of the run. */
function rateFigure(arms: readonly ArmRuns[]): Figure {
  const shown = arms.map(({ runs, ...arm }) => ({
    ...arm,
    runs: runs.map((run) => {
      const last = probesOf(run).at(-1)?.step ?? -1;
      return { ...run, events: steps(run).filter(({ step }) => step <= last) };
    }),
  }));
  return { ...learningRateFigure(shown), id: "first-rate", title: "Learning rate, first steps" };
}

function lossFigure(arms: readonly ArmRuns[]): Figure {
  const steps = Math.max(...arms.flatMap(({ runs }) => runs).map((run) => probesOf(run).at(-1)?.step ?? 0));
  const halfLife = Math.max(1, Math.round(HALF_LIFE * steps));
  return figure(linesOf(arms, (run) => firstLosses(run, halfLife)), {
    id: "first-loss",
    title: "Training loss, first steps",
    caption: `Cross-entropy of each batch before its step, smoothed exponentially (half-life ${
      counted(halfLife, "step")
    }).`,
    axis: "training loss (nats)",
    decimals: 3,
    wide: LOSS_IS_WIDE,
  })[0]!;
}

function quantityFigure(arms: readonly ArmRuns[], quantity: Quantity): Figure[] {
  const scale = quantity === "saturated" ? 100 : 1;
  const lines = linesOf(arms, (run) => {
    const { steps, values } = probed(run, quantity);
    return { steps, values: values.map((value) => scale * value) };
  });
  return figure(lines, SHOWN[quantity]);
}

function linesOf(arms: readonly ArmRuns[], of: (run: ArmRuns["runs"][number]) => Curve): Line[] {
  return arms.map(({ arm, series, runs }) => {
    const { steps, median, low, high } = medianBySteps(runs.map(of));
    const band = { steps, mean: median, low, high, count: steps.map(() => runs.length) };
    return { ...bandLine(arm, series, band, "curve"), center: "median" as const };
  }).filter(({ x }) => x.length > 0);
}

function figure(lines: readonly Line[], { axis, decimals, caption, wide, ...rest }: Shown): Figure[] {
  if (lines.length === 0) return [];
  const scale = isWide(lines, wide) ? "log" : "linear";
  const described = lines.map(({ label, y }) => `${label} from ${compact(y[0]!)} to ${compact(y.at(-1)!)}`);
  return [{
    kind: "figure",
    ...rest,
    width: "full",
    caption: `${caption} ${SEEDS}`,
    alt: `${rest.title}. ${described.join("; ")}.`,
    chart: {
      kind: "lines",
      x: { title: "step", scale: "linear", decimals: 0 },
      y: { title: scale === "log" ? `${axis}, log scale` : axis, scale, decimals },
      above: null,
      lines,
      levels: [],
    },
  }];
}

function probesTable(arms: readonly ArmRuns[], failed: ReadonlyMap<string, number>): Table {
  const medianOf = (label: string, quantity: Quantity, pick: (values: readonly number[]) => number) =>
    right(label, ({ runs }: ArmRuns) => {
      const picked = runs.flatMap((run) => {
        const { values } = probed(run, quantity);
        return values.length === 0 ? [] : [pick(values)];
      });
      return picked.length === 0 ? MISSING : compact(median(picked));
    });
  const first = (values: readonly number[]) => values[0]!;
  const largest = (values: readonly number[]) => Math.max(...values);
  return tableOf(arms, {
    caption: "Update statistics of the first steps, median over seeds",
    columns: [
      left("arm", ({ arm }) => arm),
      right(
        "failed",
        ({ arm, runs }) => `${fixed(failed.get(arm) ?? 0, 0)} of ${counted(runs.length, "run")}`,
      ),
      medianOf("gradient norm, first step", "gradientNorm", first),
      medianOf("largest gradient norm", "gradientNorm", largest),
      medianOf("largest update ratio", "updateToWeight", largest),
      medianOf("second moment, first step", "secondMoment", first),
      medianOf("second moment, last measured step", "secondMoment", (values) => values.at(-1)!),
      medianOf("saturated weights, first step (%)", "saturated", (values) => 100 * values[0]!),
    ],
    series: ({ series }) => series,
    note:
      "Over the steps whose update statistics were recorded. Failed: diverged, or ended hardly better than guessing.",
  });
}
