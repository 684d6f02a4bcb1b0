import type { RunRecord } from "#results/run.ts";
import { type Band, thinned } from "#stats/curves.ts";
import type { Line } from "../../charts/lines/chart.ts";

/** Points of a curve in a long run. */
const MOST_POINTS = 600;

/** An arm and its runs, without those of tuning. */
export interface ArmRuns {
  readonly arm: string;
  /** Index into the report's series. */
  readonly series: number;
  readonly runs: readonly RunRecord[];
}

/** The mean of several runs as a line with its band, thinned where it is long. */
export function bandLine(label: string, series: number, band: Band, style: Line["style"]): Line {
  const indices = thinned([band.mean, band.low, band.high], MOST_POINTS);
  const pick = (values: readonly number[]) => indices.map((index) => values[index]!);
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

/** True where positive values span more than a factor, so that a linear axis would hide most of them. */
export function isWide(lines: readonly Line[], factor = 20): boolean {
  const lowest = Math.min(...lines.flatMap(({ y, band }) => band?.low ?? y));
  const highest = Math.max(...lines.flatMap(({ y }) => y));
  return lowest > 0 && highest / lowest > factor;
}
