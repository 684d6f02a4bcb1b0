/** A report as plain data. The page and the terminal text are both made from it, so no figure is computed twice. */
export interface Report {
  /** Above the title: what was run. */
  readonly eyebrow: string;
  /** The main finding, or what the page shows. */
  readonly title: string;
  /** One paragraph below the title; empty for none. */
  readonly lede: string;
  readonly notices: readonly Notice[];
  /** What a curve's colour, dash and marker stand for, in order: arms, or schedules. */
  readonly series: readonly string[];
  readonly sections: readonly Section[];
}

export interface Notice {
  /** `partial`: runs are missing. `warning`: something to know before reading on. */
  readonly kind: "partial" | "warning";
  readonly text: string;
}

export interface Section {
  /** Anchor of the section, unique in the report: letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** Whether the terminal shows it too. */
  readonly brief: boolean;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "command"; readonly text: string }
  | { readonly kind: "facts"; readonly facts: readonly Fact[] }
  | { readonly kind: "answers"; readonly answers: readonly ReportAnswer[] }
  | Table
  | Figure;

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface ReportAnswer {
  readonly question: string;
  readonly hypothesis: string;
  readonly verdict: "supported" | "contradicted" | "inconclusive";
  /** Effect with unit and interval; where that decides nothing, what it leaves open. */
  readonly finding: string;
  /** What it would take to know; absent where it is known. */
  readonly missing?: string;
  readonly text: string;
}

export interface Table {
  readonly kind: "table";
  /** Neighbours of half the width stand side by side where there is room; full if not given. */
  readonly width?: "full" | "half";
  readonly caption: string;
  readonly columns: readonly Column[];
  /** How many of the first columns tell one row from another: 1 or more. */
  readonly keys: number;
  readonly rows: readonly Row[];
  /** Below the table; empty for none. */
  readonly note: string;
}

export interface Column {
  readonly label: string;
  readonly align: "left" | "right";
}

export interface Row {
  /** Index into the report's series, where the row is about one. */
  readonly series: number | null;
  readonly cells: readonly string[];
  /** Page, relative to this one, that the first cell leads to; none if not given. */
  readonly href?: string;
}

export interface Figure {
  readonly kind: "figure";
  /** Unique in the report: letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** As of a table. */
  readonly width: "full" | "half";
  /** How to read it; what was done to the numbers. Empty where the section's text says it. */
  readonly caption: string;
  /** What is to be seen, for those who do not see it. */
  readonly alt: string;
  readonly chart: Chart;
}

export type Chart = LineChart | HeatmapChart | IntervalChart | ParallelChart;

export interface Axis {
  /** With its unit: `validation accuracy (%)`. */
  readonly title: string;
  readonly scale: "linear" | "log";
  /** Decimals of a value where the chart tells one. */
  readonly decimals: number | "significant";
  /** The only places that mean something: whole numbers of models. The chart chooses its own if not given. */
  readonly ticks?: readonly number[];
}

/** Curves of one or more series over a numeric axis. */
export interface LineChart {
  readonly kind: "lines";
  readonly x: Axis;
  readonly y: Axis;
  /** A second x axis on top, in units of `every` of the lower one: epochs over steps. */
  readonly above: { readonly title: string; readonly every: number } | null;
  readonly lines: readonly Line[];
  /** Horizontal lines with a name: a target. */
  readonly levels: readonly { readonly label: string; readonly value: number }[];
  /** Vertical lines with a name, from left to right: a rate that is suggested. Absent for none. */
  readonly marks?: readonly { readonly label: string; readonly value: number }[];
}

export interface Line {
  /** Index into the report's series; one beyond them is drawn in that index's look and has no switch. */
  readonly series: number;
  /** Tells several lines of one series apart by dash and marker, the colour being the series'; 0 if not given. */
  readonly variant?: number;
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Lowest and highest run at each x; `null` for a line without a band. */
  readonly band: { readonly low: readonly number[]; readonly high: readonly number[] } | null;
  /** What the line is of its runs; the mean if not given. */
  readonly center?: "median";
  /** Whether the band is drawn as a bar at each point in place of a shaded strip. */
  readonly bars?: boolean;
  /** `curve` joins points; `steps` holds each value until the next; `points` marks them and joins them;
   * `crosses` only marks them. */
  readonly style: "curve" | "steps" | "points" | "crosses";
  /** Index of a point to mark as chosen; `null` for none. */
  readonly chosen: number | null;
}

/** A value for each pair of two settings. */
export interface HeatmapChart {
  readonly kind: "heatmap";
  readonly x: { readonly title: string; readonly labels: readonly string[] };
  readonly y: { readonly title: string; readonly labels: readonly string[] };
  readonly valueTitle: string;
  /** `cells[row][column]`, row by y. */
  readonly cells: readonly (readonly HeatmapCell[])[];
}

export interface HeatmapCell {
  readonly value: number | null;
  /** Lines of text in the cell. */
  readonly text: readonly string[];
  /** Whether it lies within the region that the chart outlines. */
  readonly outlined?: boolean;
}

/** Parallel coordinates: an upright axis for each setting, and a line through its values for each cell. */
export interface ParallelChart {
  readonly kind: "parallel";
  readonly axes: readonly {
    readonly title: string;
    /** Labels from the bottom, 0, to the top, 1. */
    readonly ticks: readonly { readonly at: number; readonly label: string }[];
  }[];
  readonly valueTitle: string;
  readonly lines: readonly ParallelLine[];
}

export interface ParallelLine {
  readonly label: string;
  /** Height on each axis, 0 … 1; a line may end before the last one. */
  readonly at: readonly number[];
  /** Decides the colour; `null` for none. */
  readonly value: number | null;
  /** What the line passes, for the table: one text an axis. */
  readonly text: readonly string[];
  /** Whether it is drawn heavy. */
  readonly strong: boolean;
}

/** A value with an interval for each row, and a line to compare them with. */
export interface IntervalChart {
  readonly kind: "intervals";
  readonly x: Axis;
  readonly reference: number | null;
  readonly rows: readonly IntervalRow[];
}

export interface IntervalRow {
  readonly label: string;
  /** Index into the report's series; `null` for the ink's own colour. */
  readonly series: number | null;
  readonly value: number;
  readonly interval: readonly [number, number] | null;
}

/** A name's index in the report's series, `null` where it is none of them. */
export function seriesOf(series: readonly string[], name: string): number | null {
  const index = series.indexOf(name);
  return index === -1 ? null : index;
}
