import { hasDiverged } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";
import type { ArmSummary } from "#results/summary.ts";
import { alignBySteps, type Band, type Curve, thinned } from "#stats/curves.ts";
import type { Line, SeedCurve } from "../../charts/lines/chart.ts";

/** Points of a curve in a long run. */
const MOST_POINTS = 600;

/** An arm and its runs, without those of tuning. */
export interface ArmRuns {
  readonly arm: string;
  /** Index into the report's series. */
  readonly series: number;
  readonly runs: readonly RunRecord[];
  /** Seeds whose runs failed: they diverged, or ended hardly better than guessing. */
  readonly failed: ReadonlySet<number>;
}

/** Seeds of an arm's failed runs, as the summary counts them. */
export function failedSeeds({ runs }: Pick<ArmSummary, "runs">): Set<number> {
  return new Set(runs.filter((run) => run.diverged || run.failed === true).map(({ seed }) => seed));
}

/** A curve for each of an arm's runs. */
export function seedCurves({ runs, failed }: ArmRuns, of: (run: RunRecord) => Curve): SeedCurve[] {
  return runs.map((run) => {
    const { steps, values } = of(run);
    const { seed } = run.plan;
    return { seed, x: steps, y: values, failed: hasDiverged(run) || failed.has(seed) };
  });
}

/** The mean of the runs that did not fail as a line with its band, and all runs behind it. */
export function seedLine(
  { arm, series }: Pick<ArmRuns, "arm" | "series">,
  runs: readonly SeedCurve[],
  style: Line["style"],
): Line {
  const kept = runs.filter((run) => !run.failed).map(({ x, y }) => ({ steps: x, values: y }));
  return { ...bandLine(arm, series, alignBySteps(kept), style), runs: runs.filter(({ x }) => x.length > 0) };
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
