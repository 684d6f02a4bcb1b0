import type { Axis } from "../axis.ts";

/** Curves of one or more series over a numeric axis. */
export interface LineChart {
  readonly kind: "lines";
  readonly x: Axis;
  readonly y: Axis;
  /** A second x axis on top, in units of `every` of the lower one: epochs over steps. */
  readonly above: { readonly title: string; readonly every: number } | null;
  readonly lines: readonly Line[];
  /** The meaning of the lines' bands; from the lowest to the highest run if not given. */
  readonly bands?: keyof typeof BANDS;
  /** Horizontal lines with a name: a target. */
  readonly levels: readonly Mark[];
  /** Vertical lines with a name, from left to right: a suggested rate. Absent for none. */
  readonly marks?: readonly Mark[];
}

/** Meanings of a band: its ends as columns of a file, and both in words. */
export const BANDS = {
  runs: { ends: ["lowest run", "highest run"], text: "lowest – highest run" },
  interval: { ends: ["95 % interval from", "95 % interval to"], text: "95 % interval" },
  deviation: { ends: ["mean − sd", "mean + sd"], text: "± standard deviation" },
} as const;

export interface Mark {
  readonly label: string;
  readonly value: number;
}

export interface Line {
  /** Index into the report's series; one beyond them is drawn in that index's look and has no switch. */
  readonly series: number;
  /** Distinguishes lines of one series by dash and marker; they share its colour. 0 if not given. */
  readonly variant?: number;
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Lowest and highest run at each x; `null` for a line without a band. */
  readonly band: { readonly low: readonly number[]; readonly high: readonly number[] } | null;
  /** Statistic over runs that the line shows; the mean if not given. */
  readonly center?: "median";
  /** True to draw the band as a bar at each point in place of a shaded strip. */
  readonly bars?: boolean;
  /** `curve` joins points; `steps` holds each value until the next; `points` marks them and joins them;
   * `crosses` only marks them. */
  readonly style: "curve" | "steps" | "points" | "crosses";
  /** Index of a point to mark as chosen; `null` for none. */
  readonly chosen: number | null;
  /** The runs behind the line, which the page shows on demand and smooths with it. Absent where there are none to show. */
  readonly runs?: readonly SeedCurve[];
}

/** One run's curve. */
export interface SeedCurve {
  readonly seed: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** True for a run that failed: it is not in the mean or the band, and is drawn with a cross at its end. */
  readonly failed: boolean;
}
