import { counted, interval as intervalText, signed } from "#lib/numbers.ts";
import type { PairedDifference } from "#stats/paired.ts";

/** A paired difference in words: `+1.2 points [0.4, 2.1], 3 seeds`. */
export function differenceText(
  { difference, interval, seeds }: PairedDifference,
  unit: string,
  scale: number,
): string {
  if (difference === null) return "no seed has it in both";
  const decimals = unit === "steps" ? 0 : unit === "points" ? 1 : 3;
  return `${signed(scale * difference, decimals)} ${unit}`.trimEnd() +
    (interval ? ` ${intervalText(interval, decimals, scale)}` : "") +
    `, ${counted(seeds, "seed")}`;
}
