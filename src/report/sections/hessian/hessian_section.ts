import { median } from "#lib/median.ts";
import { hessianCurve, type HessianQuantity, hessiansOf } from "#study/experiment/hessian.ts";
import { medianBySteps } from "#study/experiment/first_steps.ts";
import type { Line, Mark } from "../../charts/lines/chart.ts";
import { compact, counted, fixed, MISSING } from "#lib/numbers.ts";
import type { Figure, Section } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { type ArmRuns, bandLine, isWide } from "../curves/arm_lines.ts";

/** The largest eigenvalue of the Hessian over the run, and against the rate; nothing where no run recorded it. */
export function hessianSection(arms: readonly ArmRuns[]): Section[] {
  const measured = arms.map(({ runs, ...arm }) => ({
    ...arm,
    runs: runs.filter((run) => hessiansOf(run).length > 0),
  })).filter(({ runs }) => runs.length > 0);
  if (measured.length === 0) return [];
  return [{
    id: "hessian",
    title: "Sharpness against the rate",
    brief: false,
    blocks: [
      { kind: "text", text: meaning(measured) },
      ...figure(measured, "overLimit", {
        id: "over-stability-limit",
        title: "Largest eigenvalue over the stability limit",
        caption: "Above 1 the step that follows is unstable on a quadratic loss.",
        axis: "eigenvalue / stability limit",
        levels: [{ label: "stability limit", value: 1 }],
      }),
      ...figure(measured, "eigenvalue", {
        id: "largest-eigenvalue",
        title: "Largest eigenvalue of the Hessian",
        caption: "Of the training loss, without weight decay.",
        axis: "largest eigenvalue",
        levels: [],
      }),
      hessianTable(measured),
    ],
  }];
}

function meaning(arms: readonly ArmRuns[]): string {
  const events = arms.flatMap(({ runs }) => runs).flatMap(hessiansOf);
  const [{ images, preconditioned }] = events as [(typeof events)[number]];
  const residual = median(events.map((event) => event.residual / Math.abs(event.eigenvalue)));
  const limit = preconditioned
    ? "Steps are divided by the root of the averaged squared gradient, so the eigenvalue is that of the Hessian divided by that root; " +
      "the limit is 2(1 + β₁) / (1 − β₁) over the rate for Adam, 2(1 + momentum) over the rate for RMSProp."
    : "The limit is 2(1 + momentum) over the rate (with Nesterov's momentum that divided by 1 + 2 · momentum).";
  return `Lanczos iteration with products by central differences of gradients, on ${
    counted(images, "training image")
  }, the same at every measurement; batch norm by the batch, no dropout; median residual ${
    fixed(100 * residual, 1)
  } % of ` +
    `the eigenvalue. ${limit} Clipping and the noise of batches are not in the limit.`;
}

interface Shown {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly axis: string;
  readonly levels: readonly Mark[];
}

function figure(arms: readonly ArmRuns[], quantity: HessianQuantity, shown: Shown): Figure[] {
  const lines = arms.map(({ arm, series, runs }): Line => {
    const { steps, median, low, high } = medianBySteps(runs.map((run) => hessianCurve(run, quantity)));
    const band = { steps, mean: median, low, high, count: steps.map(() => runs.length) };
    return { ...bandLine(arm, series, band, "points"), center: "median" };
  }).filter(({ x }) => x.length > 0);
  if (lines.length === 0) return [];
  const scale = isWide(lines) ? "log" : "linear";
  const { axis, levels, caption, ...rest } = shown;
  const described = lines.map(({ label, y }) => `${label} from ${compact(y[0]!)} to ${compact(y.at(-1)!)}`);
  return [{
    kind: "figure",
    ...rest,
    width: "full",
    caption: `${caption} Line: median over the measured seeds.`,
    alt: `${rest.title}. ${described.join("; ")}.`,
    chart: {
      kind: "lines",
      x: { title: "step", scale: "linear", decimals: 0 },
      y: { title: scale === "log" ? `${axis}, log scale` : axis, scale, decimals: "significant" },
      above: null,
      lines,
      levels,
    },
  }];
}

function hessianTable(arms: readonly ArmRuns[]): Table {
  const medianOf = (label: string, quantity: HessianQuantity, pick: (values: readonly number[]) => number) =>
    right(label, ({ runs }: ArmRuns) => {
      const picked = runs.flatMap((run) => {
        const { values } = hessianCurve(run, quantity);
        return values.length === 0 ? [] : [pick(values)];
      });
      return picked.length === 0 ? MISSING : compact(median(picked));
    });
  const above = (values: readonly number[]) =>
    100 * values.filter((value) => value > 1).length / values.length;
  return tableOf(arms, {
    caption: "Largest eigenvalue of the Hessian, median over the measured seeds",
    columns: [
      left("arm", ({ arm }) => arm),
      right("runs", ({ runs }) => fixed(runs.length, 0)),
      medianOf("first", "eigenvalue", (values) => values[0]!),
      medianOf("largest", "eigenvalue", (values) => Math.max(...values)),
      medianOf("last", "eigenvalue", (values) => values.at(-1)!),
      medianOf("largest over the limit", "overLimit", (values) => Math.max(...values)),
      medianOf("measurements above the limit (%)", "overLimit", above),
    ],
    series: ({ series }) => series,
    note: "A run that ended early counts up to its end. No test compares these figures.",
  });
}
