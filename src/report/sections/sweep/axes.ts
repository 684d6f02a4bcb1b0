import type { SweepOutcome } from "#results/sweep.ts";
import { type ScoreName, scoreOfMetric } from "#results/score.ts";
import type { CellOutcome, SweptCells } from "#results/swept_cells.ts";
import type { ParallelChart } from "../../charts/parallel.ts";
import { scaleOf } from "../../charts/scale.ts";
import { compact, fixed } from "#lib/numbers.ts";
import { settingLabel } from "../../format/settings.ts";

type Ticks = ParallelChart["axes"][number]["ticks"];

/** Data of a sweep's charts. The sweep of a spec has neither a request of its own nor more than one rung. */
export type ChartedSweep = SweptCells & Partial<Pick<SweepOutcome, "request" | "rungs">>;

/** More labels would overlap. */
export const MOST_TICKS = 9;

/** `lr 0.05, power 2`. */
export function cellLabel(
  { axes }: Pick<SweptCells, "axes">,
  { values }: Pick<CellOutcome, "values">,
): string {
  return axes.map(({ label }, axis) => `${label} ${settingLabel(values[axis])}`).join(", ");
}

/** `accuracy`: the figure that cells are judged by. */
export const scoreOfCells = ({ metric }: Pick<SweptCells, "metric">): ScoreName => scoreOfMetric(metric);

/** `validation accuracy (%)`: the same as the title of an axis. */
export const scoreTitle = (sweep: Pick<SweptCells, "metric">): string =>
  `validation ${scoreOfCells(sweep)} (%)`;

/** `71.2`: an accuracy in percent, to one decimal. */
export function percent(share: number | null): string {
  return fixed(share === null ? null : 100 * share, 1);
}

/** Height of an axis' values in parallel coordinates, and its labels. */
export function heights(
  { axes, request }: ChartedSweep,
  index: number,
): { at: (value: unknown) => number; ticks: Ticks } {
  const axis = request?.axes[index];
  const { values } = axes[index]!;
  if (axis?.kind !== "range") {
    const order = values.map((value) => JSON.stringify(value));
    const at = (value: unknown) => order.indexOf(JSON.stringify(value)) / Math.max(1, order.length - 1);
    return { at, ticks: thinned(values.map((value) => ({ at: at(value), label: settingLabel(value) }))) };
  }
  const { scale, from, to } = axis;
  const along = scaleOf({ title: "", scale, decimals: 0 }, [from, to], { range: [0, 1], count: 5 });
  const at = (value: unknown) => along.at(Number(value));
  const marked = axis.points === null
    ? spaced(5).map((share) => scale === "log" ? from * (to / from) ** share : from + (to - from) * share)
    : values;
  return { at, ticks: thinned(marked.map((value) => ({ at: at(value), label: compact(Number(value), 2) }))) };
}

/** An upright axis of accuracy that holds all given ones, with ticks at round percentages. */
export function accuracyHeights(
  accuracies: readonly number[],
): { at: (accuracy: number) => number; ticks: Ticks } {
  const axis = { title: "", scale: "linear", decimals: 1 } as const;
  const { at, ticks } = scaleOf(axis, accuracies.map((share) => 100 * share), { range: [0, 1], count: 5 });
  // Ticks closer than the decimals of their labels would repeat one.
  const labelled = new Map(ticks.map((tick) => [percent(tick / 100), tick]));
  return {
    at: (accuracy) => at(100 * accuracy),
    ticks: [...labelled].map(([label, tick]) => ({ at: at(tick), label })),
  };
}

const spaced = (count: number) => Array.from({ length: count }, (_, index) => index / (count - 1));

function thinned(ticks: Ticks): Ticks {
  const every = Math.ceil(ticks.length / MOST_TICKS);
  return ticks.filter((_, index) => index % every === 0);
}
