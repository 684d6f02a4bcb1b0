import { compact, fixed } from "#lib/numbers.ts";

/** A numeric axis. */
export interface Axis {
  /** With its unit: `validation accuracy (%)`. */
  readonly title: string;
  readonly scale: "linear" | "log";
  /** Decimals of a value where the chart prints one. */
  readonly decimals: number | "significant";
  /** The only places that mean something: whole numbers of models. The chart chooses its own if not given. */
  readonly ticks?: readonly number[];
}

/** A value of an axis as the chart's table prints it. */
export function valueText(value: number, { decimals }: Axis): string {
  return decimals === "significant" ? compact(value) : fixed(value, decimals);
}
