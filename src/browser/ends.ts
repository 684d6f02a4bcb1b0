/** Ends of a log axis: powers of ten around all finite values above 0. They jump by whole decades, so the axis rests. */
export function decades(values: Iterable<number>): [number, number] {
  const [low, high] = extent(values, (value) => value > 0);
  if (low === null || high === null) return [0.1, 1];
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  return [10 ** from, 10 ** Math.max(to, from + 1)];
}

const ROUND = [1, 2, 2.5, 5, 10];

/** The smallest of 1, 2, 2.5 and 5 times a power of ten that is no less. */
export function roundUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return Number((ROUND.find((digit) => digit * power >= value * (1 - 1e-12))! * power).toPrecision(3));
}

/** Smallest and largest of the finite values that are wanted; `null` for none. */
export function extent(
  values: Iterable<number>,
  isWanted: (value: number) => boolean = () => true,
): [number, number] | [null, null] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value) || !isWanted(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [null, null];
}
