import { printable } from "#lib/printable.ts";
import type { Judgement } from "#results/judgement.ts";

/** The form in which figures of the judged metric are shown. */
export interface JudgedStyle {
  /** Name of the series: `eval/accuracy`. */
  readonly metric: string;
  /** Name of the figure: `eval/accuracy`, `best eval/accuracy`, `mean eval/accuracy over training`. */
  readonly name: string;
  /** Unit of a difference; empty for none. */
  readonly unit: string;
  /** Of a value: `%` where differences are in points. */
  readonly valueUnit: string;
  readonly scale: number;
  readonly decimals: number;
}

/** Decimals follow from the differences: two digits of the smallest half-width. */
export function judgedStyle({ metric, comparisons }: Pick<Judgement, "metric" | "comparisons">): JudgedStyle {
  const { figure, unit, scale } = metric;
  const name = printable(metric.name);
  const sizes = comparisons.flatMap(({ interval }) =>
    interval !== null && interval[1] > interval[0] ? [interval[1] - interval[0]] : []
  );
  // Without an interval: one decimal of points, three of anything else.
  const smallest = sizes.length === 0 ? (unit === "points" ? 2 : 0.02) / scale : Math.min(...sizes);
  const decimals = Math.ceil(-Math.log10(scale * smallest / 2)) + 1;
  return {
    metric: name,
    name: figure === "final" ? name : figure === "best" ? `best ${name}` : `mean ${name} over training`,
    unit,
    valueUnit: unit === "points" ? "%" : unit,
    scale,
    decimals: Math.max(unit === "points" ? 1 : 0, Math.min(6, decimals)),
  };
}
