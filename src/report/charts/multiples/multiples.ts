import { MISSING } from "#lib/numbers.ts";
import { printable } from "#lib/printable.ts";
import { toCsv } from "../../render/csv.ts";
import { aligned } from "../../render/terminal_text.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { type Axis, valueText } from "../axis.ts";
import type { ChartKind, TextOptions } from "../kind.ts";
import type { Line } from "../lines/chart.ts";
import { lineTraces } from "../lines/plotly.ts";
import type { Attributes, PlotlyFigure } from "../plotly_layout.ts";
import type { MultiplesChart, Panel } from "./chart.ts";
import { multiplesLayouts, suffix } from "./layout.ts";
import { sparkline } from "./sparkline.ts";
import { multiplesSvg } from "./svg.ts";

/** A panel for each arm: its rate above its accuracy. */
export const MULTIPLES: ChartKind<MultiplesChart> = {
  kind: "multiples",
  plotly: multiplesFigure,
  table: multiplesTable,
  csv: ({ x, upper, lower, panels }) =>
    toCsv(
      ["panel", "curve", x.title, "value", "lowest run", "highest run"],
      panels.flatMap((panel) =>
        ([[upper, panel.upper], [lower, panel.lower]] as const).flatMap(([axis, line]) =>
          line.x.map((at, i) => [
            panel.label,
            axis.title,
            at,
            line.y[i]!,
            line.band?.low[i] ?? null,
            line.band?.high[i] ?? null,
          ])
        )
      ),
    ),
  text: multiplesText,
  still: multiplesSvg,
};

function multiplesFigure(chart: MultiplesChart): PlotlyFigure {
  const data = chart.panels.flatMap(({ upper, lower }, index) => {
    const x = `x${suffix(index)}`;
    const placed = (line: Line, of: Axis, at: number) =>
      lineTraces(line, of, { index: at, opacity: "0.22", markers: false }).map((trace) => ({
        ...trace,
        ...solid(trace),
        xaxis: x,
        yaxis: `y${suffix(at)}`,
        showlegend: false,
      }));
    return [...placed(upper, chart.upper, 2 * index), ...placed(lower, chart.lower, 2 * index + 1)];
  });
  return { data, ...multiplesLayouts(chart) };
}

/** A panel has one arm, so that dashes need not separate arms; those of failed runs stay. */
function solid({ line, meta }: Attributes): Attributes {
  const isFailed = (meta as Attributes)["part"] === "failed";
  return line === undefined || isFailed ? {} : { line: { ...(line as Attributes), dash: "solid" } };
}

/** First and last rate, and the last accuracy with its range, of every arm. */
function multiplesTable({ upper, lower, panels }: MultiplesChart, caption: string): Table {
  return tableOf(panels, {
    caption,
    columns: [
      left("arm", ({ label }) => label),
      right(`${upper.title}, first`, (panel) => endText(panel.upper, 0, upper)),
      right("last", (panel) => endText(panel.upper, -1, upper)),
      right(`${lower.title}, first`, (panel) => endText(panel.lower, 0, lower)),
      right("last", (panel) => endText(panel.lower, -1, lower)),
      left("", ({ remark }) => remark),
    ],
    series: (panel) => panel.lower.series,
  });
}

function endText({ y, band }: Line, at: number, axis: Axis): string {
  const value = y.at(at);
  if (value === undefined) return MISSING;
  const [low, high] = [band?.low.at(at), band?.high.at(at)];
  return valueText(value, axis) +
    (low !== undefined && high !== undefined && low < high
      ? ` (${valueText(low, axis)} – ${valueText(high, axis)})`
      : "");
}

/** Columns of the number at the end of a row. */
const VALUE = 7;

/** A row for each arm: its name, the two curves as bars of eight heights, and where the lower one ends. */
function multiplesText({ upper, lower, panels }: MultiplesChart, { columns }: TextOptions): string {
  const longest = panels.reduce((most, { label }) => Math.max(most, label.length), 3);
  const label = Math.min(longest, Math.max(8, columns - 2 * 14 - VALUE - 4));
  const bars = Math.max(6, Math.min(24, Math.floor((columns - label - VALUE - 4) / 2)));
  const draw = (of: (panel: Panel) => Line, axis: Axis) => {
    const lines = panels.map(of);
    return lines.map((line) => sparkline(line, lines, axis, bars));
  };
  const [rates, ends] = [draw((panel) => panel.upper, upper), draw((panel) => panel.lower, lower)];
  const head = [
    aligned("", label, "left"),
    aligned(upper.title, bars, "left"),
    aligned(lower.title, bars, "left"),
  ];
  return [
    head.join("  "),
    ...panels.map(({ label: name, lower: { y }, remark }, index) => {
      const last = y.at(-1);
      // Where every run failed there is no curve: the remark stands in its place.
      const curve = last === undefined ? aligned(remark, bars, "left") : ends[index]!;
      const value = last === undefined ? MISSING : valueText(last, lower);
      return `${aligned(printable(name), label, "left")}  ${rates[index]}  ${curve}  ${value}`;
    }),
  ].map((line) => line.slice(0, columns).trimEnd()).join("\n");
}
