import { suggest } from "#lib/nearest.ts";
import { HEATMAP } from "./heatmap.ts";
import { INTERVALS } from "./intervals.ts";
import type { AnyChart, ChartKind } from "./kind.ts";
import { LINES } from "./lines/lines.ts";
import { MULTIPLES } from "./multiples/multiples.ts";
import { PARALLEL } from "./parallel.ts";
import { RANKS } from "./ranks/ranks.ts";

/** All kinds of charts, one line each. */
export const CHART_KINDS = [LINES, MULTIPLES, HEATMAP, INTERVALS, PARALLEL, RANKS] as const;

type ChartOf<K> = K extends ChartKind<infer C> ? C : never;
export type Chart = ChartOf<typeof CHART_KINDS[number]>;

/**
 * The entry that draws a chart.
 *
 * @throws {RangeError} where no entry has the chart's kind.
 */
export function kindOf(chart: AnyChart, kinds: readonly ChartKind[] = CHART_KINDS): ChartKind {
  const found = kinds.find(({ kind }) => kind === chart.kind);
  if (found) return found;
  throw new RangeError(
    `No chart kind ${JSON.stringify(chart.kind)}; ${suggest(chart.kind, kinds.map(({ kind }) => kind))}`,
  );
}
