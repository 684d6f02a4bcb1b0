import { printable } from "#lib/printable.ts";
import { fixed } from "#lib/numbers.ts";
import { aligned, widthOf } from "../../render/terminal_text.ts";
import type { TextOptions } from "../kind.ts";
import { scaleOf } from "../scale.ts";
import { lettersOf, rankRange, type RanksChart } from "./chart.ts";

/** Columns of a rank, and the least and the most that the bar of an interval gets. */
const [RANK_COLUMNS, LEAST_BAR, MOST_BAR] = [6, 16, 60];

/** A row for each mark: name, rank, `├──●──┤`, and a letter for each group that it is in; then the axis. */
export function ranksText(chart: RanksChart, { columns }: TextOptions): string {
  const { marks, groups, criticalDifference } = chart;
  const letters = marks.map((_, place) => lettersOf(groups, place));
  const lettersWidth = Math.max(...letters.map((text) => text.length));
  const longest = Math.max(...marks.map(({ label }) => widthOf(printable(label))));
  const taken = RANK_COLUMNS + lettersWidth + 2;
  const label = Math.min(longest, Math.max(8, columns - taken - LEAST_BAR));
  const bar = Math.max(LEAST_BAR, Math.min(MOST_BAR, columns - taken - label));
  const [low, high] = rankRange(marks);
  const axis = { title: "mean rank", scale: "linear", decimals: 1 } as const;
  const { at } = scaleOf(axis, [low, high], { range: [0, bar - 1], count: 2 });
  const cell = (rank: number) => Math.round(at(rank));
  const rows = marks.map(({ label: name, rank, interval }, place) => {
    const cells = new Array<string>(bar).fill(" ");
    if (interval) {
      const [from, to] = interval.map(cell) as [number, number];
      cells.fill("─", from, to + 1);
      cells[from] = "├";
      cells[to] = "┤";
    }
    cells[cell(rank)] = interval ? "●" : "○";
    return `${aligned(printable(name), label, "left")}${aligned(fixed(rank, 1), RANK_COLUMNS, "right")} ${
      cells.join("")
    } ${letters[place]!}`;
  });
  const ends = [String(low), String(high)] as const;
  const space = " ".repeat(label + RANK_COLUMNS + 1);
  return [
    ...rows,
    space + ends[0] + aligned(ends[1], bar - ends[0].length, "right"),
    ...(criticalDifference === null ? [] : [
      `A letter in common: not separated (critical difference ${fixed(criticalDifference, 1)}).`,
    ]),
  ].map((line) => line.trimEnd()).join("\n");
}
