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
import { quantile } from "#stats/summary.ts";
import { type ArmRuns, bandLine, isWide, learningRateFigure } from "../curves/curve_figures.ts";
import type { Line } from "../../charts/lines/chart.ts";
import type { Block, Figure } from "../../model.ts";
import type { Table } from "../../table.ts";
import { compact, counted, fixed, MISSING } from "../../format/numbers.ts";

/** Median and range over seeds; a run counts until it ends. */
const SEEDS =
  "Line: median over seeds; band: from the lowest to the highest run, those that diverged included.";
/** Of the average of the loss, as a share of the steps that were measured. */
const HALF_LIFE = 0.02;
/** An arm that starts badly would press the others flat. */
const LOSS_IS_WIDE = 4;

interface Shown {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly axis: string;
  readonly decimals: number | "significant";
  /** The span, as a factor, from which on the axis is a log one; as of `isWide` if not given. */
  readonly wide?: number;
}

const SHOWN: Record<Quantity, Shown> = {
  gradientNorm: {
    id: "first-gradient-norm",
    title: "Norm of the gradient, first steps",
    caption: "Over all trainable parameters, before clipping.",
    axis: "norm of the gradient",
    decimals: "significant",
  },
  updateToWeight: {
    id: "first-update-ratio",
    title: "Size of each step against the weights, first steps",
    caption: "Norm of the weights' change divided by the norm of the weights before it.",
    axis: "norm of update / norm of weights",
    decimals: "significant",
  },
  secondMoment: {
    id: "first-second-moment",
    title: "The optimizer's second moment, first steps",
    caption:
      "Root mean square over parameters of the square root of the bias-corrected second moment, after each " +
      "update. The usual explanation of warmup, that it rests on too few gradients at first, would have it swing " +
      "widely from seed to seed and then settle.",
    axis: "root mean square of √v",
    decimals: "significant",
  },
  saturated: {
    id: "first-saturated",
    title: "Weights that move by nearly the whole rate, first steps",
    caption:
      "Share of weights whose change is more than 0.9 of the rate, as nearly all are in Adam's very first step, " +
      "whatever the size of their gradients.",
    axis: "share of weights (%)",
    decimals: 1,
  },
};

/**
 * The first steps measured closely: figures and a table; nothing where no run was measured so.
 *
 * @param failed how many runs of each arm diverged or learnt nothing.
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

/** The ramps themselves, which are a small part of the whole run. */
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
    caption: `Cross-entropy of each batch before its update, averaged exponentially (half-life ${
      counted(halfLife, "update")
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
  const told = lines.map(({ label, y }) => `${label} from ${compact(y[0]!)} to ${compact(y.at(-1)!)}`);
  return [{
    kind: "figure",
    ...rest,
    width: "full",
    caption: `${caption} ${SEEDS}`,
    alt: `${rest.title}. ${told.join("; ")}.`,
    chart: {
      kind: "lines",
      x: { title: "step (steps)", scale: "linear", decimals: 0 },
      y: { title: scale === "log" ? `${axis}, log scale` : axis, scale, decimals },
      above: null,
      lines,
      levels: [],
    },
  }];
}

function probesTable(arms: readonly ArmRuns[], failed: ReadonlyMap<string, number>): Table {
  const right = (label: string) => ({ label, align: "right" as const });
  const median = (values: readonly number[]) =>
    values.length === 0 ? MISSING : compact(quantile(values, 0.5));
  return {
    kind: "table",
    caption: "The first steps in figures, median over seeds",
    columns: [
      { label: "arm", align: "left" },
      right("failed"),
      right("gradient norm, first step"),
      right("largest gradient norm"),
      right("largest update / weights"),
      right("second moment, first step"),
      right("second moment, last"),
      right("saturated, first step (%)"),
    ],
    keys: 1,
    rows: arms.map(({ arm, series, runs }) => {
      const of = (quantity: Quantity, pick: (values: readonly number[]) => number) =>
        median(runs.flatMap((run) => {
          const { values } = probed(run, quantity);
          return values.length === 0 ? [] : [pick(values)];
        }));
      const [first, last] = [
        (values: readonly number[]) => values[0]!,
        (values: readonly number[]) => values.at(-1)!,
      ];
      const greatest = (values: readonly number[]) => Math.max(...values);
      return {
        series,
        cells: [
          arm,
          `${fixed(failed.get(arm) ?? 0, 0)} of ${counted(runs.length, "run")}`,
          of("gradientNorm", first),
          of("gradientNorm", greatest),
          of("updateToWeight", greatest),
          of("secondMoment", first),
          of("secondMoment", last),
          of("saturated", (values) => 100 * values[0]!),
        ],
      };
    }),
    note: "Of the steps that were measured closely. Failed: diverged, or ended hardly better than guessing.",
  };
}
