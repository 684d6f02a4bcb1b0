// @ts-types="@types/d3-array"
import { extent, ticks } from "d3-array";
// @ts-types="@types/d3-scale"
import { scaleLinear, scaleLog } from "d3-scale";
import type { Axis } from "./axis.ts";

/** Places along an axis, between two ends in pixels or cells. */
export interface Scale {
  /** Values at the ends of the axis. */
  readonly ends: readonly [number, number];
  readonly ticks: readonly number[];
  /** Place of a value; NaN for one that the scale does not have. */
  at(value: number): number;
}

export interface ScaleOptions {
  /** Places of the axis' ends. */
  readonly range: readonly [number, number];
  /** Free space at either end, as a share of the values' span; 0 if not given. */
  readonly margin?: number;
  /** Ticks to aim at. */
  readonly count: number;
}

/** The scale of an axis that holds all finite `values`; on a log axis, those above 0. */
export function scaleOf(
  axis: Axis,
  values: readonly number[],
  { range, margin = 0, count }: ScaleOptions,
): Scale {
  const isLog = axis.scale === "log";
  const [onScale, back] = isLog ? [Math.log10, (value: number) => 10 ** value] : [Number, Number];
  const [least, most] = extent(values.map(onScale).filter(Number.isFinite));
  if (least === undefined) return { ends: [NaN, NaN], ticks: [], at: () => NaN };
  const free = margin * (most > least ? most - least : 1);
  const [low, high] = [least - free, most > least ? most + free : least - free + 1];
  const ends = [back(low), back(high)] as const;
  const scale = (isLog ? scaleLog() : scaleLinear()).domain(ends).range(range);
  const within = axis.ticks?.filter((tick) => onScale(tick) >= low && onScale(tick) <= high);
  return {
    ends,
    // A tick on the very end stays, whatever the rounding of the logarithm does to it.
    ticks: within ?? (isLog ? logTicks([back(low - 1e-9), back(high + 1e-9)], count) : scale.ticks(count)),
    at: (value) => isLog && !(value > 0) ? NaN : scale(value),
  };
}

/** At most `count` powers of ten; on an axis with fewer than two, 1, 2 and 5 times them, and without two of these round numbers. */
function logTicks(ends: readonly [number, number], count: number): number[] {
  const all = scaleLog().domain(ends).ticks(count);
  const leading = (tick: number) => Math.round(tick / 10 ** Math.floor(Math.log10(tick) + 1e-9));
  const powers = all.filter((tick) => leading(tick) === 1);
  if (powers.length > 1) return powers.filter((_, index) => index % Math.ceil(powers.length / count) === 0);
  const halves = all.filter((tick) => [1, 2, 5].includes(leading(tick)));
  return halves.length > 1 ? halves : ticks(...ends, count);
}

/** Round numbers from `low` to `high`, about `count` of them. */
export function roundTicks(low: number, high: number, count: number): number[] {
  return ticks(low, high, count);
}
