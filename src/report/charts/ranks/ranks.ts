import { fixed, interval as intervalText } from "#lib/numbers.ts";
import { toCsv } from "../../render/csv.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import type { ChartKind } from "../kind.ts";
import { lettersOf, type RanksChart } from "./chart.ts";
import { ranksFigure } from "./plotly.ts";
import { ranksText } from "./text.ts";

/** Mean ranks, and which of them are not separated. */
export const RANKS: ChartKind<RanksChart> = {
  kind: "ranks",
  plotly: ranksFigure,
  table: ranksTable,
  csv: ({ marks, groups }) =>
    toCsv(
      ["family", "mean rank", "low", "high", "not separated"],
      marks.map(({ label, rank, interval }, place) => [
        label,
        rank,
        interval?.[0] ?? null,
        interval?.[1] ?? null,
        lettersOf(groups, place),
      ]),
    ),
  text: ranksText,
};

function ranksTable({ marks, groups, criticalDifference }: RanksChart, caption: string): Table {
  return tableOf(marks, {
    caption,
    columns: [
      left("family", ({ label }) => label),
      right("mean rank", ({ rank }) => fixed(rank, 2)),
      right("interval", ({ interval }) => intervalText(interval, 2)),
      left("not separated", (_, place) => lettersOf(groups, place)),
    ],
    note: criticalDifference === null
      ? ""
      : `Families with a letter in common are not separated: less than ${
        fixed(criticalDifference, 2)
      } apart.`,
  });
}
