import type { PairedDifference } from "#stats/paired.ts";

/** A paired difference in words: `+1.2 points [0.4, 2.1], 3 seeds`. */
export function differenceText(
  { difference, interval, seeds }: PairedDifference,
  unit: string,
  scale: number,
): string {
  if (difference === null) return "no seed has it in both";
  const decimals = unit === "steps" ? 0 : unit === "points" ? 1 : 3;
  const figure = (value: number) => {
    const text = (scale * value).toLocaleString("en-US", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    // What rounds to zero has no sign.
    return /[1-9]/.test(text) ? text.replace("-", "−") : text.replace("-", "");
  };
  const shown = figure(difference);
  const sign = difference > 0 && /[1-9]/.test(shown) ? "+" : "";
  return `${sign}${shown} ${unit}`.trimEnd() +
    (interval ? ` [${figure(interval[0])}, ${figure(interval[1])}]` : "") +
    `, ${seeds} ${seeds === 1 ? "seed" : "seeds"}`;
}
