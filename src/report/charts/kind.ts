import type { Markup } from "../render/markup.ts";
import type { Table } from "../table.ts";
import type { PlotlyFigure } from "./plotly_layout.ts";

/** A chart as data; its `kind` names the entry of the registry that draws it. */
export interface AnyChart {
  readonly kind: string;
}

export interface TextOptions {
  /** Columns of the terminal. */
  readonly columns: number;
  /** True where ANSI colours may be used. */
  readonly color: boolean;
}

/** Everything that the lab does with one kind of chart. */
export interface ChartKind<C extends AnyChart = AnyChart> {
  readonly kind: C["kind"];
  /** Interactive chart of the page; colours by role. */
  plotly(chart: C): PlotlyFigure;
  /** The numbers as a table, for readers without JavaScript or sight; a long chart is sampled. */
  table(chart: C, caption: string): Table;
  /** All numbers as comma-separated values with a head. */
  csv(chart: C): string;
  /** The chart in characters, for a terminal. */
  text(chart: C, options: TextOptions): string;
  /** Still picture for viewers of notebooks without Plotly; they get the table if not given. */
  still?(chart: C, alt: string): Markup;
}
