import { hasDiverged } from "#results/final.ts";
import { dropsOf, dropsOverSeeds, isPaired, isSmooth, lossesAroundDrop } from "#study/experiment/drops.ts";
import { alignBySteps } from "#stats/curves.ts";
import type { PairedDifference } from "#stats/paired.ts";
import { type ArmRuns, bandLine } from "../curves/curve_figures.ts";
import type { Line } from "../../charts/lines/chart.ts";
import type { Block, Figure } from "../../model.ts";
import type { Table } from "../../table.ts";
import { compact, fixed, interval, signed } from "../../format/numbers.ts";

/** With more drops than this, only the first of each arm is drawn. */
const MOST_DROPS = 3;

/** Sharp drops of the rate against a smooth schedule at the same steps; nothing where there are not both. */
export function dropBlocks(all: readonly ArmRuns[], validationImages: number): Block[] {
  const arms = all.map((arm) => ({ ...arm, runs: arm.runs.filter((run) => !hasDiverged(run)) }))
    .filter(({ runs }) => runs.length > 0);
  const dropping = arms.filter(({ runs }) => dropsOf(runs[0]!).length > 0);
  const pairedWith = (one: ArmRuns) =>
    dropping.filter(({ runs }) =>
      runs.some(({ plan }) => one.runs.some((other) => isPaired(other.plan, plan)))
    );
  const smooth = arms.find((arm) => arm.runs.every(isSmooth) && pairedWith(arm).length > 0);
  if (!smooth) return [];
  const sharp = pairedWith(smooth);
  return [aroundFigure(sharp, smooth), dropsTable(sharp, smooth, 1 / validationImages)];
}

function aroundFigure(sharp: readonly ArmRuns[], smooth: ArmRuns): Figure {
  const drops = sharp.flatMap((arm) => dropsOf(arm.runs[0]!).map((jump, index) => ({ arm, jump, index })));
  const shown = drops.length > MOST_DROPS ? drops.filter(({ index }) => index === 0) : drops;
  const own = shown.map(({ arm, jump, index }): Line => ({
    ...bandLine(
      `${arm.arm}, drop ${index + 1}`,
      arm.series,
      alignBySteps(lossesAroundDrop(arm.runs, jump, dropsOf(arm.runs[0]!))),
      "curve",
    ),
    variant: index,
  }));
  const places = [...new Map(shown.map(({ jump }) => [jump.step, jump])).values()];
  const others = places.map((jump, index): Line => ({
    ...bandLine(
      `${smooth.arm}, at step ${fixed(jump.step, 0)}`,
      smooth.series,
      alignBySteps(lossesAroundDrop(smooth.runs, jump, places)),
      "curve",
    ),
    variant: index,
  }));
  const lines = [...own, ...others].filter(({ x }) => x.length > 0);
  const told = lines.map(({ label, y }) => `${label}: ends at ${signed(y.at(-1)!, 3)} nats`);
  return {
    kind: "figure",
    id: "loss-around-drops",
    title: "Loss around each drop",
    width: "full",
    caption: "Training loss in nats above the mean of the twentieth of the run before the drop, averaged " +
      "exponentially on either side apart, without the first hundredth of the run after it, for an average of few " +
      `batches is noise; “${smooth.arm}” at the same steps, on the same batches. Line: mean over seeds; ` +
      "band: from the lowest to the highest run." +
      (drops.length > shown.length ? " The first drop of each arm is drawn; the table has all." : ""),
    alt: `Training loss around each drop of the rate. ${told.join("; ")}.`,
    chart: {
      kind: "lines",
      x: { title: "steps since the drop", scale: "linear", decimals: 0 },
      y: { title: "training loss above that before (nats)", scale: "linear", decimals: 3 },
      above: null,
      lines,
      levels: [{ label: "before the drop", value: 0 }],
    },
  };
}

function dropsTable(sharp: readonly ArmRuns[], smooth: ArmRuns, resolution: number): Table {
  const right = (label: string) => ({ label, align: "right" as const });
  return {
    kind: "table",
    caption: `What each drop changed, against “${smooth.arm}” at the same steps`,
    columns: [
      { label: "arm", align: "left" },
      { label: "drop", align: "left" },
      right("training loss (nats)"),
      right("smooth"),
      right("difference"),
      right("95 % interval"),
      right("validation accuracy (points)"),
      right("smooth"),
      right("difference"),
      right("95 % interval"),
    ],
    keys: 2,
    rows: sharp.flatMap(({ arm, series, runs }) =>
      dropsOverSeeds(runs, smooth.runs, resolution).map(({ number, jump, loss, accuracy }) => ({
        series,
        cells: [
          arm,
          `${number}, update ${fixed(jump.step, 0)}: ${compact(jump.before)} to ${compact(jump.after)}`,
          ...[loss.own, loss.other, loss.between].map((one) => told(one, 1, 3)),
          interval(loss.between.interval, 3),
          ...[accuracy.own, accuracy.other, accuracy.between].map((one) => told(one, 100, 1)),
          interval(accuracy.between.interval, 1, 100),
        ],
      }))
    ),
    note:
      "Training loss: mean over the twentieth of the run after the drop minus that before, the difference on the " +
      "same batches. Validation accuracy: first evaluation at least a twentieth of the run after the drop minus the " +
      "last before it. Paired over seeds; intervals are widened for the drops of an arm.",
  };
}

function told({ difference }: PairedDifference, scale: number, decimals: number): string {
  return signed(difference === null ? null : scale * difference, decimals);
}
