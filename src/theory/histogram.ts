/** Shares of a sample per unit of x. */
export interface Histogram {
  /** One more than there are bars, ascending and evenly spaced. */
  readonly edges: readonly number[];
  readonly density: readonly number[];
}

/** Density over [−reach, reach] in bars of one width; what lies beyond is in none. */
export function histogramOf(sample: Float64Array, reach: number, bars: number): Histogram {
  const width = 2 * reach / bars;
  const counts = new Array<number>(bars).fill(0);
  for (const value of sample) {
    const bar = Math.floor((value + reach) / width);
    if (bar >= 0 && bar < bars) counts[bar]!++;
  }
  return {
    edges: Array.from({ length: bars + 1 }, (_, index) => -reach + index * width),
    density: counts.map((count) => count / (sample.length * width)),
  };
}

/**
 * Density of the normal distribution.
 *
 * @param deviation standard deviation, above 0.
 */
export function normalDensity(x: number, mean: number, deviation: number): number {
  return Math.exp(-0.5 * ((x - mean) / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));
}
