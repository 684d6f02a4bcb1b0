/** Shares that are tried, and rounds in which the best of them is looked at more closely. */
const [TRIED, ROUNDS] = [24, 4];

/**
 * The largest probability over an unknown share from `least` to `most`; any above `enough` will do.
 *
 * @param chance probability for a share, with one peak or several wide ones.
 */
export function largestChance(
  [least, most]: readonly [number, number],
  chance: (share: number) => number,
  enough: number,
): number {
  let [from, to, largest] = [least, most, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const step = (to - from) / TRIED;
    let best = from;
    for (let i = 0; i <= TRIED; i++) {
      const share = from + i * step;
      const found = chance(share);
      if (found > enough) return found;
      if (found > largest) [largest, best] = [found, share];
    }
    [from, to] = [Math.max(least, best - step), Math.min(most, best + step)];
  }
  return largest;
}

/** The smallest difference of two shares, −1 to 1, that is possible, where all above it are; rounded down by 1e-7. */
export function smallestPossible(isPossible: (difference: number) => boolean): number {
  let [low, high] = [-1, 1];
  for (let i = 0; i < 24; i++) {
    const middle = (low + high) / 2;
    if (isPossible(middle)) high = middle;
    else low = middle;
  }
  // The outer bound, so that rounding only widens.
  return low;
}
