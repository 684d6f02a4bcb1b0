import { lossesOf, lossTitle } from "#results/losses.ts";
import { hasDiverged } from "#results/final.ts";
import { dropsOf, dropsOverSeeds, isPaired, isSmooth, lossesAroundDrop } from "#study/experiment/drops.ts";
import { alignBySteps } from "#stats/curves.ts";
import type { PairedDifference } from "#stats/paired.ts";
import { type ArmRuns, bandLine } from "../curves/arm_lines.ts";
import type { Line } from "../../charts/lines/chart.ts";
import type { Block, Figure } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { compact, fixed, interval, signed } from "#lib/numbers.ts";

/** With more drops than this, only the first of each arm is drawn. */
const MOST_DROPS = 3;

/** Sharp drops of the rate against a smooth schedule at the same steps; nothing unless there are both. */
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
  return [lossAroundDropsFigure(sharp, smooth), dropsTable(sharp, smooth, 1 / validationImages)];
}

function lossAroundDropsFigure(sharp: readonly ArmRuns[], smooth: ArmRuns): Figure {
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
  const all = [...sharp, smooth].flatMap(({ runs }) => runs);
  const { unit } = lossesOf(all);
  const described = lines.map(({ label, y }) =>
    `${label}: ends at ${signed(y.at(-1)!, 3)}${unit === null ? "" : ` ${unit}`}`
  );
  return {
    kind: "figure",
    id: "loss-around-drops",
    title: "Training loss around each drop of the rate",
    width: "full",
    caption:
      `Smoothed, minus its mean over the twentieth of the run before the drop. “${smooth.arm}” has no drops. ` +
      "Line: mean over seeds; band: lowest to highest run." +
      (drops.length > shown.length ? " Only the first drop of each arm is drawn; the table lists all." : ""),
    alt: `Training loss around each drop of the rate. ${described.join("; ")}.`,
    chart: {
      kind: "lines",
      x: { title: "steps since the drop", scale: "linear", decimals: 0 },
      y: { title: lossTitle("change of the training loss", all), scale: "linear", decimals: 3 },
      above: null,
      lines,
      levels: [{ label: "before the drop", value: 0 }],
    },
  };
}

function dropsTable(sharp: readonly ArmRuns[], smooth: ArmRuns, resolution: number): Table {
  const rows = sharp.flatMap(({ arm, series, runs }) =>
    dropsOverSeeds(runs, smooth.runs, resolution).map((drop) => ({ arm, series, ...drop }))
  );
  return tableOf(rows, {
    caption: `Effect of each drop, against “${smooth.arm}” at the same steps`,
    columns: [
      left("arm", ({ arm }) => arm),
      left(
        "drop",
        ({ number, jump }) =>
          `${number}, step ${fixed(jump.step, 0)}: ${compact(jump.before)} to ${compact(jump.after)}`,
      ),
      right(
        lossTitle("training loss", [...sharp, smooth].flatMap(({ runs }) => runs)),
        ({ loss }) => lossText(loss.own),
      ),
      right(smooth.arm, ({ loss }) => lossText(loss.other)),
      right("difference", ({ loss }) => lossText(loss.between)),
      right("95 % interval", ({ loss }) => interval(loss.between.interval, 3)),
      right("validation accuracy (points)", ({ accuracy }) => pointsText(accuracy.own)),
      right(smooth.arm, ({ accuracy }) => pointsText(accuracy.other)),
      right("difference", ({ accuracy }) => pointsText(accuracy.between)),
      right("95 % interval", ({ accuracy }) => interval(accuracy.between.interval, 1, 100)),
    ],
    keys: 2,
    series: ({ series }) => series,
    note:
      "Loss: the twentieth of the run after the drop minus that before. Accuracy: the first evaluation a twentieth after minus " +
      "the last before. Paired over seeds; intervals of an arm hold together.",
  });
}

const lossText = ({ difference }: PairedDifference) => signed(difference, 3);
const pointsText = ({ difference }: PairedDifference) =>
  signed(difference === null ? null : 100 * difference, 1);
